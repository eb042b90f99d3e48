"""What each kepu command does, callable from Python too; ``cli`` only declares the commands."""

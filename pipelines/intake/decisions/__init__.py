"""What people decided and wrote down, read back at every run: corrections, rulings, reasons."""

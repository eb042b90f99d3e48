"""From cells to answers: where the forms stand on a sheet, and which cell is which item."""

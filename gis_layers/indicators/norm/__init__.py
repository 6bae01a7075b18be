"""What is normal of a count."""

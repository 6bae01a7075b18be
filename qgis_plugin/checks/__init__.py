"""What a plugin must be before it is packed: each check reads a folder and yields findings."""

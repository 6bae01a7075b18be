"""What a server lets a client ask of it: how often, how much, how long; and what a browser may do with answers."""

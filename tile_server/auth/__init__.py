"""Who asks, and what they may see: credentials become a grant, a grant becomes a view of a release."""

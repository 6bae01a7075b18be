"""Where crime goes: spread paths between districts, near repeats and chains of incidents."""

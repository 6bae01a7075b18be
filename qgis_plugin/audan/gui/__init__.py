"""What a person sees: the dock, the browser tree, the options, messages and help."""

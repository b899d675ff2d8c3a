"""What a notebook shows: widgets that know a search only as a `tunewidgets.history.SearchView` (layer 6)."""

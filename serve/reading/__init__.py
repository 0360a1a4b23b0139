"""Parts of results as pages ask for them: aggregated, and never more than a page of rows."""

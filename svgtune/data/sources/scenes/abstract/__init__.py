"""Abstract pictures: shapes in arrangements."""

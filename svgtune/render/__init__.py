"""SVG to pixels as the judge makes them, in-process or in killable workers."""

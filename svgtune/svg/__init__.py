"""What an SVG drawing is and may be: parsing, rules, normal form, repair."""

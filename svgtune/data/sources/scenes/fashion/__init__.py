"""Fashion: garments and accessories in fabrics, with details."""

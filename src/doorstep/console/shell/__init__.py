"""What all faces share: who looks, the frame around a page, forms, files, and the way in."""

"""testcard: stand-ins for four video-analytics APIs, and the suite that judges clients of them."""

"""Pages about second factors."""

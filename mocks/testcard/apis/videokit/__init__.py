"""Cloud Video Kit: six product modules, one contract each, over one set of tenants, keys and collections."""

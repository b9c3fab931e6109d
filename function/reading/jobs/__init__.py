"""Documents that are read later: their records, their status, who reads them."""

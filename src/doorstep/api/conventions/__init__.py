"""How the API writes moments, money, phones, places, versions, pages and tables: one small pure module each."""

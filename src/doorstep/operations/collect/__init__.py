"""What shoppers fetch: their links and codes, cars at the kerb, parcels in compartments, and what nobody came for."""

//! The words that names are made of.

/// First names.
pub const FIRST: [&str; 40] = [
    "Ada", "Amir", "Anna", "Arjun", "Bea", "Ben", "Carla", "Chen", "Dana", "David", "Elif", "Emma", "Farid", "Freya",
    "Grace", "Hugo", "Ines", "Ivan", "Jana", "Jonas", "Kamala", "Karl", "Lena", "Liam", "Mara", "Miguel", "Nadia",
    "Noah", "Olga", "Omar", "Paula", "Quinn", "Rosa", "Sami", "Tara", "Tomas", "Uma", "Viktor", "Wen", "Zoë",
];

/// Family names, and the first word of a company.
pub const LAST: [&str; 60] = [
    "Abbott", "Almeida", "Baker", "Bauer", "Becker", "Brandt", "Calder", "Castro", "Chandra", "Costa", "Dahl",
    "Delgado", "Dunn", "Eriksen", "Esposito", "Farrow", "Fischer", "Gallo", "Ghosh", "Grant", "Hale", "Hansen",
    "Haruki", "Ibarra", "Iyer", "Jansen", "Jensen", "Kato", "Keller", "Kovac", "Laine", "Lopez", "Marsh", "Meyer",
    "Moreau", "Nakano", "Novak", "Okafor", "Olsen", "Osei", "Park", "Petrov", "Quist", "Ramos", "Reyes", "Rossi",
    "Sato", "Silva", "Sorensen", "Tanaka", "Thorne", "Usman", "Vance", "Vidal", "Weber", "Wong", "Yilmaz", "Young",
    "Zapata", "Zimmer",
];

/// What companies do.
pub const TRADES: [&str; 20] = [
    "Bakery",
    "Books",
    "Builders",
    "Catering",
    "Cycles",
    "Dental",
    "Electric",
    "Florists",
    "Foods",
    "Furniture",
    "Garage",
    "Hotels",
    "Interiors",
    "Kitchens",
    "Logistics",
    "Outdoor",
    "Pharmacy",
    "Print",
    "Studios",
    "Toys",
];

/// Where customers live: country and region, the commonest first.
pub const PLACES: [(&str, &str); 16] = [
    ("US", "California"),
    ("US", "Texas"),
    ("US", "New York"),
    ("DE", "Bayern"),
    ("GB", "England"),
    ("US", "Florida"),
    ("FR", "Bretagne"),
    ("CA", "Ontario"),
    ("US", "Ohio"),
    ("NL", "Utrecht"),
    ("ES", "Madrid"),
    ("IT", "Toscana"),
    ("AU", "Victoria"),
    ("SE", "Skåne"),
    ("JP", "Kansai"),
    ("BR", "Bahia"),
];

/// The first word of a group's name.
pub const TIERS: [&str; 12] = [
    "Bronze", "Silver", "Gold", "Platinum", "Seasonal", "Trial", "Key", "Regional", "Partner", "Export", "Online",
    "Contract",
];

/// The second word of a group's name.
pub const KINDS: [&str; 16] = [
    "Retailers",
    "Resellers",
    "Schools",
    "Clinics",
    "Agencies",
    "Builders",
    "Caterers",
    "Workshops",
    "Clubs",
    "Hotels",
    "Offices",
    "Farms",
    "Museums",
    "Kiosks",
    "Franchises",
    "Collectors",
];

/// The third word of a group's name.
pub const LANDS: [&str; 14] = [
    "Alpine", "Atlantic", "Baltic", "Coastal", "Eastern", "Iberian", "Inland", "Island", "Lakeside", "Metro", "Nordic",
    "Northern", "Southern", "Western",
];

/// Categories of products.
pub const CATEGORIES: [&str; 24] = [
    "Audio", "Baking", "Bath", "Bedding", "Cables", "Camping", "Candles", "Cleaning", "Coffee", "Cookware", "Desks",
    "Garden", "Gifts", "Lighting", "Office", "Paint", "Paper", "Pets", "Shelving", "Snacks", "Sports", "Tools", "Toys",
    "Travel",
];

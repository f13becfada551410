//! What the generated texts are made of. Nobody here exists: people are called after trees and landscapes.

/// First names.
pub const GIVEN: &[&str] = &[
    "Aïcha",
    "Adama",
    "Aminata",
    "Awa",
    "Bakary",
    "Bintou",
    "Boubacar",
    "Cécile",
    "Daouda",
    "Djénéba",
    "Élise",
    "Fanta",
    "Fatoumata",
    "Gaëlle",
    "Hamidou",
    "Hawa",
    "Ibrahim",
    "Inès",
    "Issa",
    "Joël",
    "Kadiatou",
    "Kalifa",
    "Lamine",
    "Léa",
    "Madou",
    "Mariam",
    "Mathieu",
    "Modibo",
    "Moussa",
    "Nana",
    "Noël",
    "Oumar",
    "Ousmane",
    "Rokia",
    "Salif",
    "Sékou",
    "Sira",
    "Solène",
    "Tiémoko",
    "Yacouba",
    "Zénaïde",
    "Zoumana",
];

/// Family names, plainly made up.
pub const FAMILY: &[&str] = &[
    "Acacia",
    "Baobab",
    "Bosquet",
    "Cailcédrat",
    "Cascade",
    "Clairière",
    "Colline",
    "Dattier",
    "Dune",
    "Étang",
    "Falaise",
    "Figuier",
    "Fromager",
    "Galerie-Forêt",
    "Goyavier",
    "Hibiscus",
    "Jujubier",
    "Karité",
    "Lagune",
    "Manguier",
    "Marigot",
    "Mimosa",
    "Néré",
    "Oasis",
    "Papayer",
    "Plateau",
    "Rivière",
    "Rônier",
    "Savane",
    "Source",
    "Tamarinier",
    "Termitière",
    "Vallon",
    "Vétiver",
];

/// What people are.
pub const JOBS: &[&str] = &[
    "Chargée de programme",
    "Chargé du suivi et de l’évaluation",
    "Coordinatrice de terrain",
    "Chef de projet",
    "Responsable de la logistique",
    "Conseillère technique",
    "Gestionnaire de l’information",
    "Point focal régional",
    "Responsable protection",
    "Directeur adjoint",
    "Cheffe de bureau",
    "Assistante de coordination",
];

/// Kinds of organisations: what they call themselves, their acronym's first letter, OCHA's code of the type.
pub const BODIES: &[(&str, &str)] = &[
    ("Association", "A"),
    ("Fondation", "F"),
    ("Réseau", "R"),
    ("Comité", "C"),
    ("Institut", "I"),
    ("Union des coopératives", "U"),
    ("Agence", "AG"),
    ("Direction régionale", "DR"),
];

/// What organisations work for.
pub const CAUSES: &[&str] = &[
    "Eau claire",
    "Horizon bleu",
    "Semences du Sahel",
    "Écoles ouvertes",
    "Santé pour tous",
    "Abris dignes",
    "Routes rurales",
    "Enfance debout",
    "Greniers villageois",
    "Pastoralisme et paix",
    "Énergies du fleuve",
    "Savoirs partagés",
    "Femmes et marchés",
    "Jeunesse en marche",
    "Mémoire vive",
    "Droits et recours",
];

/// What groups are about.
pub const THEMES: &[&str] = &[
    "Relèvement précoce",
    "Sécurité alimentaire",
    "Protection",
    "Eau, hygiène et assainissement",
    "Santé",
    "Nutrition",
    "Éducation",
    "Abris et biens non alimentaires",
    "Transferts monétaires",
    "Mouvements de population",
    "Accès humanitaire",
    "Protection de l’enfance",
    "Violences basées sur le genre",
    "Logistique",
    "Gestion de l’information",
    "Redevabilité",
    "Analyse de la vulnérabilité",
    "Préparation aux inondations",
    "Lutte antimines",
    "Cohésion sociale",
];

/// Regions of an invented country.
pub const REGIONS: &[&str] = &[
    "Haute-Lagune",
    "Plateau central",
    "Delta intérieur",
    "Boucle du fleuve",
    "Collines de l’Est",
    "Grand Sahel",
    "Cercle des Rôniers",
    "Plaine du Karité",
];

/// What is asked for.
pub const VERBS: &[&str] = &[
    "Partager avec les membres du groupe",
    "Finaliser et diffuser",
    "Mettre à jour",
    "Valider avec les autorités",
    "Organiser une mission conjointe pour vérifier",
    "Transmettre à la coordination inter-clusters",
    "Relancer les partenaires au sujet de",
    "Présenter lors de la prochaine réunion",
    "Harmoniser avec les autres clusters",
    "Élaborer, en lien avec les services techniques,",
    "Consolider et analyser",
    "Plaider auprès des bailleurs pour",
];

/// Of what.
pub const OBJECTS: &[&str] = &[
    "la matrice des interventions",
    "le plan de contingence",
    "la cartographie des acteurs",
    "les indicateurs du plan de réponse",
    "la note de positionnement",
    "le rapport de l’évaluation rapide",
    "la liste des sites prioritaires",
    "le calendrier des distributions",
    "les termes de référence du sous-groupe",
    "le tableau de suivi des recommandations",
    "l’outil de collecte des données",
    "les besoins non couverts",
    "la stratégie de sortie",
    "le protocole de référencement",
    "les messages clés du plaidoyer",
];

/// Where or for whom.
pub const PLACES: &[&str] = &[
    "dans les communes d’accueil",
    "pour les ménages déplacés",
    "au niveau des cercles prioritaires",
    "dans les zones difficiles d’accès",
    "avec les comités villageois",
    "auprès des services déconcentrés de l’État",
    "sur l’axe nord",
    "pour la période de soudure",
    "dans les écoles qui ont rouvert",
];

/// Why, or how.
pub const REASONS: &[&str] = &[
    "afin d’éviter les duplications relevées lors de la dernière mission",
    "en tenant compte des observations des partenaires nationaux",
    "pour que les besoins des femmes et des personnes handicapées soient pris en compte",
    "compte tenu de la dégradation de la situation sécuritaire",
    "en attendant les résultats de l’enquête auprès des ménages",
    "selon le modèle qui a été adopté par la coordination inter-clusters",
    "dans la limite des financements disponibles",
    "et en rendre compte par écrit à la coordination du groupe",
];

/// What somebody did.
pub const DONE: &[&str] = &[
    "Document transmis à tous les membres par courriel.",
    "Mission réalisée, rapport disponible auprès de la coordination.",
    "Point présenté en réunion inter-clusters ; aucune réaction à ce jour.",
    "Données consolidées et vérifiées avec les partenaires.",
    "Atelier tenu avec les services techniques.",
];

/// What is in the way.
pub const OBSTACLES: &[&str] = &[
    "Le plan de mission n’a pas encore été approuvé.",
    "Les données de deux régions manquent encore.",
    "Le financement attendu n’est pas confirmé.",
];

/// Points of agendas: kind, purpose, title.
pub const AGENDA: &[(&str, &str, &str)] = &[
    ("FOLLOW_UP_REVIEW", "DECISION", "Revue des recommandations de la réunion passée"),
    ("SITUATION_UPDATE", "INFORMATION", "Mise à jour de la situation humanitaire et de l’accès"),
    ("PRESENTATION", "INFORMATION", "Présentation des résultats de l’évaluation rapide"),
    ("DISCUSSION", "DECISION", "Préparation du plan de réponse et répartition des zones d’intervention"),
    ("ANY_OTHER_BUSINESS", "DISCUSSION", "Divers"),
];

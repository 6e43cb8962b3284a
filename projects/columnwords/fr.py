"""French."""

from __future__ import annotations

HEAD = "first"  # the first word of a name says what it is
WORDS: dict[str, tuple[str, ...]] = {
    "question": ("question", "intitulé", "intitule", "demande du client", "question du client",),
    "message": (
        "message", "demande", "description", "texte", "objet", "contenu", "requête", "problème", "motif détaillé",
        "corps",
    ),
    "review": ("commentaire", "avis", "témoignage", "remarque", "remarques", "verbatim", "appréciation",),
    "answer": ("réponse", "réponses", "réponse apportée", "solution", "notre réponse", "résolution",),
    "team": ("conseiller", "vendeur", "support", "équipe", "entreprise", "marchand", "commerçant",),
    "topic": ("catégorie", "thème", "sujet", "rubrique", "motif", "type de demande", "service",),
    "label": ("étiquette", "classe", "intention",),
    "rating": ("note", "étoiles", "évaluation", "satisfaction", "satisfait*", "notation",),
    "feeling": ("sentiment", "tonalité", "humeur",),
    "risk": ("risque", "niveau de risque", "gravité", "urgence", "priorité",),
    "person": (
        "client", "cliente", "id client", "numéro client", "n client", "code client", "acheteur", "utilisateur",
        "membre", "adhérent",
    ),
    "item": (
        "produit", "article", "référence", "ref produit", "code produit", "code article", "référence produit",
    ),
    "when": ("date", "date de commande", "date d achat", "date commande", "horodatage", "heure",),
    "kind": ("statut", "état", "état de la commande", "statut de la commande", "événement",),
    "basket": (
        "commande", "numéro de commande", "n commande", "n de commande", "facture", "numéro de facture",
        "ticket de caisse",
    ),
    "quantity": ("quantité", "qté", "nombre",),
    "title": ("désignation", "libellé", "nom du produit", "nom produit", "libellé produit",),
    "category": ("catégorie", "rayon", "famille",),
    "price": ("prix", "prix unitaire", "pu ht", "pu ttc",),
    "cancelled": (
        "annulé", "annulée", "annulé le", "annulée le", "date d annulation", "annulation", "remboursé le",
    ),
    "other": (
        "statut", "état", "agent", "opérateur", "responsable", "magasin", "canal", "pays", "ville", "langue",
        "semaine", "mois", "année", "priorité", "marque", "produit",
    ),
}  # fmt: skip

"""What the demonstration practice says and knows, in three languages."""

from typing import Any

ORGANIZATION: dict[str, Any] = {
    "name": "Riverside Dental",
    "timezone": "America/New_York",
    "phone": "+12125550199",
    "reference_id": "annie-demo",
    "address": {
        "address_line1": "118 River Street",
        "address_line2": "Suite 2",
        "city": "New York",
        "state": "NY",
        "country": "US",
        "zip": "10012",
    },
}

HOURS: dict[str, tuple[str, str] | None] = {
    "MONDAY": ("09:00", "17:00"),
    "TUESDAY": ("09:00", "17:00"),
    "WEDNESDAY": ("09:00", "17:00"),
    "THURSDAY": ("09:00", "17:00"),
    "FRIDAY": ("09:00", "17:00"),
    "SATURDAY": ("09:00", "14:00"),
    "SUNDAY": None,
}

BOT: dict[str, Any] = {
    "name": "Annie",
    "internal_name": "Demonstration",
    "company_name": "Riverside Dental",
    "industry": "DENTAL",
    "greeting": "Hi, this is Annie from Riverside Dental. How can I help you?",
    "phone_greeting": "Thank you for calling Riverside Dental, this is Annie. How can I help you?",
    "closed_phone_greeting": (
        "Thank you for calling Riverside Dental, this is Annie. The office is closed right now, "
        "but I can answer questions or take a message. How can I help you?"
    ),
    "closed_chat_greeting": (
        "Hi, this is Annie from Riverside Dental. The office is closed right now, "
        "but I can answer questions or take a message."
    ),
    "localized_greetings": {
        "ENGLISH": {
            "greeting": "Hi, this is Annie from Riverside Dental. How can I help you?",
            "phone_greeting": (
                "Thank you for calling Riverside Dental, this is Annie. How can I help you?"
            ),
            "closed_phone_greeting": (
                "Thank you for calling Riverside Dental, this is Annie. The office is closed "
                "right now, but I can answer questions or take a message. How can I help you?"
            ),
            "closed_chat_greeting": (
                "Hi, this is Annie from Riverside Dental. The office is closed right now, "
                "but I can answer questions or take a message."
            ),
        },
        "SPANISH": {
            "greeting": "Hola, soy Annie, de Riverside Dental. ¿En qué puedo ayudarle?",
            "phone_greeting": (
                "Gracias por llamar a Riverside Dental, le atiende Annie. ¿En qué puedo ayudarle?"
            ),
            "closed_phone_greeting": (
                "Gracias por llamar a Riverside Dental, le atiende Annie. La clínica está cerrada "
                "en este momento, pero puedo responder preguntas o tomar un recado. "
                "¿En qué puedo ayudarle?"
            ),
            "closed_chat_greeting": (
                "Hola, soy Annie, de Riverside Dental. La clínica está cerrada en este momento, "
                "pero puedo responder preguntas o tomar un recado."
            ),
        },
        "FRENCH": {
            "greeting": "Bonjour, ici Annie, de Riverside Dental. Comment puis-je vous aider ?",
            "phone_greeting": (
                "Merci d'appeler Riverside Dental, ici Annie. Comment puis-je vous aider ?"
            ),
            "closed_phone_greeting": (
                "Merci d'appeler Riverside Dental, ici Annie. Le cabinet est fermé en ce moment, "
                "mais je peux répondre à vos questions ou prendre un message. "
                "Comment puis-je vous aider ?"
            ),
            "closed_chat_greeting": (
                "Bonjour, ici Annie, de Riverside Dental. Le cabinet est fermé en ce moment, "
                "mais je peux répondre à vos questions ou prendre un message."
            ),
        },
    },
}

#: One number a language: area code, name, voice.
NUMBERS: dict[str, tuple[str, str, str]] = {
    "ENGLISH": ("212", "Main Line", "FRIENDLY_BRIGHT"),
    "SPANISH": ("305", "Spanish Line", "CALM_REASSURING"),
    "FRENCH": ("504", "French Line", "KIND_CURIOUS"),
}

#: Question, other ways to ask it, answer.
FAQS: dict[str, list[tuple[str, list[str], str]]] = {
    "ENGLISH": [
        (
            "Which insurance do you accept?",
            [
                "Do you take Delta Dental?",
                "Is my insurance accepted?",
                "Are you in network with Aetna?",
            ],
            "We are in network with Delta Dental, Aetna, Cigna and MetLife. "
            "For other plans we file the claim for you.",
        ),
        (
            "Where can I park?",
            ["Do you have parking?", "Is there a parking lot?"],
            "There is free parking behind the building; the entrance is on Water Street.",
        ),
        (
            "Are you accepting new patients?",
            ["Can I become a patient?", "Do you take new patients?"],
            "Yes, we welcome new patients. The first visit takes about an hour "
            "and includes an exam and X-rays.",
        ),
        (
            "How much does a cleaning cost?",
            ["What is the price of a cleaning?", "What do you charge for a teeth cleaning?"],
            "A cleaning costs $120 without insurance. Most plans cover two cleanings a year.",
        ),
        (
            "What should I do in a dental emergency?",
            [
                "I have terrible tooth pain, what should I do?",
                "My tooth broke, can you see me today?",
                "Do you handle emergencies?",
            ],
            "We keep time free every day for emergencies. For severe swelling, bleeding that "
            "does not stop, or trouble breathing, please call 911.",
        ),
        (
            "What is your cancellation policy?",
            ["How do I cancel my appointment?", "Is there a fee for missing an appointment?"],
            "Please tell us at least 24 hours ahead. Later cancellations and missed "
            "appointments cost $50.",
        ),
        (
            "Do you treat children?",
            ["From what age do you see kids?", "Can I bring my daughter?"],
            "Yes, we see children from the age of 3.",
        ),
        (
            "Do you offer teeth whitening?",
            ["How much is whitening?", "Can you make my teeth whiter?"],
            "Yes. Whitening in the office takes 90 minutes and costs $350; "
            "a kit for home costs $180.",
        ),
        (
            "Do you offer payment plans?",
            ["Can I pay in installments?", "Can I pay monthly?"],
            "Yes. Treatments over $300 can be paid in up to 12 monthly installments "
            "without interest.",
        ),
        (
            "What should I bring to my first appointment?",
            ["What do I need to bring?", "Which documents do I need?"],
            "Please bring a photo ID, your insurance card and a list of your medications.",
        ),
        (
            "Which dentists work at your office?",
            ["Who are your dentists?", "What is the name of the doctor?"],
            "Our dentists are Dr. Maria Lopez and Dr. David Chen.",
        ),
    ],
    "SPANISH": [
        (
            "¿Qué seguros aceptan?",
            ["¿Aceptan Delta Dental?", "¿Aceptan mi seguro?", "¿Trabajan con Aetna?"],
            "Trabajamos con Delta Dental, Aetna, Cigna y MetLife. "
            "Con otros seguros presentamos la reclamación por usted.",
        ),
        (
            "¿Dónde puedo estacionar?",
            ["¿Tienen estacionamiento?", "¿Hay dónde aparcar?", "¿Dónde dejo el coche?"],
            "Hay estacionamiento gratuito detrás del edificio; la entrada está en Water Street.",
        ),
        (
            "¿Aceptan pacientes nuevos?",
            ["¿Puedo ser paciente de ustedes?", "¿Atienden a pacientes nuevos?"],
            "Sí, con mucho gusto. La primera visita dura más o menos una hora "
            "e incluye un examen y radiografías.",
        ),
        (
            "¿Cuánto cuesta una limpieza?",
            ["¿Qué precio tiene la limpieza dental?", "¿Cuánto cobran por una limpieza?"],
            "Una limpieza cuesta $120 sin seguro. "
            "La mayoría de los seguros cubre dos limpiezas al año.",
        ),
        (
            "¿Qué hago en una emergencia dental?",
            [
                "Me duele mucho una muela, ¿qué hago?",
                "Se me rompió un diente, ¿me pueden ver hoy?",
                "¿Atienden urgencias?",
            ],
            "Todos los días reservamos tiempo para urgencias. Si tiene mucha hinchazón, sangrado "
            "que no para o dificultad para respirar, llame al 911.",
        ),
        (
            "¿Cuál es su política de cancelación?",
            ["¿Cómo cancelo mi cita?", "¿Cobran si falto a la cita?"],
            "Avísenos por lo menos 24 horas antes. Las cancelaciones más tardías y las citas "
            "perdidas cuestan $50.",
        ),
        (
            "¿Atienden a niños?",
            ["¿Desde qué edad atienden niños?", "¿Puedo llevar a mi hija?"],
            "Sí, atendemos a niños a partir de los 3 años.",
        ),
        (
            "¿Hacen blanqueamiento dental?",
            ["¿Cuánto cuesta el blanqueamiento?", "¿Me pueden blanquear los dientes?"],
            "Sí. El blanqueamiento en la clínica dura 90 minutos y cuesta $350; "
            "un kit para la casa cuesta $180.",
        ),
        (
            "¿Tienen planes de pago?",
            ["¿Puedo pagar a plazos?", "¿Puedo pagar por mes?"],
            "Sí. Los tratamientos de más de $300 se pueden pagar hasta en 12 mensualidades "
            "sin intereses.",
        ),
        (
            "¿Qué debo llevar a mi primera cita?",
            ["¿Qué tengo que traer?", "¿Qué documentos necesito?"],
            "Traiga una identificación con foto, la tarjeta del seguro "
            "y una lista de sus medicamentos.",
        ),
        (
            "¿Qué dentistas trabajan en la clínica?",
            ["¿Quiénes son los dentistas?", "¿Cómo se llama el doctor?"],
            "Nuestros dentistas son la doctora María López y el doctor David Chen.",
        ),
    ],
    "FRENCH": [
        (
            "Quelles assurances acceptez-vous ?",
            [
                "Acceptez-vous Delta Dental ?",
                "Est-ce que vous prenez mon assurance ?",
                "Travaillez-vous avec Aetna ?",
            ],
            "Nous travaillons avec Delta Dental, Aetna, Cigna et MetLife. "
            "Pour les autres assurances, nous envoyons la demande pour vous.",
        ),
        (
            "Où puis-je me garer ?",
            ["Avez-vous un parking ?", "Est-ce qu'il y a un stationnement ?"],
            "Il y a un parking gratuit derrière l'immeuble ; l'entrée est dans Water Street.",
        ),
        (
            "Acceptez-vous de nouveaux patients ?",
            ["Puis-je devenir patient chez vous ?", "Prenez-vous de nouveaux patients ?"],
            "Oui, avec plaisir. La première visite dure environ une heure "
            "et comprend un examen et des radiographies.",
        ),
        (
            "Combien coûte un détartrage ?",
            ["Quel est le prix d'un nettoyage des dents ?", "Combien coûte un nettoyage ?"],
            "Un détartrage coûte $120 sans assurance. "
            "La plupart des assurances en couvrent deux par an.",
        ),
        (
            "Que faire en cas d'urgence dentaire ?",
            [
                "J'ai très mal à une dent, que faire ?",
                "Je me suis cassé une dent, pouvez-vous me voir aujourd'hui ?",
                "Prenez-vous les urgences ?",
            ],
            "Nous gardons chaque jour du temps pour les urgences. En cas de fort gonflement, de "
            "saignement qui ne s'arrête pas ou de difficulté à respirer, appelez le 911.",
        ),
        (
            "Quelles sont vos conditions d'annulation ?",
            ["Comment annuler mon rendez-vous ?", "Un rendez-vous manqué est-il facturé ?"],
            "Merci de nous prévenir au moins 24 heures avant. Une annulation plus tardive "
            "ou un rendez-vous manqué coûte $50.",
        ),
        (
            "Soignez-vous les enfants ?",
            ["À partir de quel âge prenez-vous les enfants ?", "Puis-je amener ma fille ?"],
            "Oui, nous soignons les enfants à partir de 3 ans.",
        ),
        (
            "Proposez-vous le blanchiment des dents ?",
            ["Combien coûte un blanchiment ?", "Pouvez-vous blanchir mes dents ?"],
            "Oui. Le blanchiment au cabinet dure 90 minutes et coûte $350 ; "
            "un kit pour la maison coûte $180.",
        ),
        (
            "Peut-on payer en plusieurs fois ?",
            ["Avez-vous des facilités de paiement ?", "Puis-je payer par mois ?"],
            "Oui. Les soins de plus de $300 peuvent être payés en 12 mensualités au plus, "
            "sans intérêts.",
        ),
        (
            "Que dois-je apporter au premier rendez-vous ?",
            ["Que faut-il apporter ?", "De quels documents ai-je besoin ?"],
            "Apportez une pièce d'identité avec photo, votre carte d'assurance "
            "et la liste de vos médicaments.",
        ),
        (
            "Quels dentistes travaillent au cabinet ?",
            ["Qui sont vos dentistes ?", "Comment s'appelle le docteur ?"],
            "Nos dentistes sont la docteure Maria Lopez et le docteur David Chen.",
        ),
    ],
}

"""Names for invented people: fourteen cultures, so that accents, particles and romanised names are ordinary.

Every pair of a given and a family name of one culture is used once before any is used again (born.py), which keeps
e-mail addresses unique without a table of who exists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii


@dataclass(frozen=True)
class Culture:
    """`language` is BCP 47, `home` the code of the site where most of these people sit."""

    key: str
    language: str
    home: str
    given: tuple[str, ...]
    family: tuple[str, ...]


def _words(text: str) -> tuple[str, ...]:
    """Names separated by blanks; `_` stands for a blank inside a name."""
    return tuple(word.replace("_", " ") for word in text.split())


CULTURES: tuple[Culture, ...] = (
    Culture(
        "english",
        "en",
        "LON",
        _words(
            "Alice Amelia Arthur Beatrice Callum Charlotte Daniel Edith Eleanor Ewan Fiona George Grace Harriet Hugh Imogen"
            " Isla Jack James Jude Kieran Lucy Maeve Martha Nathan Niamh Oliver Owen Poppy Rhys Rosie Rowan Siobhán Theo"
            " Thomas Victoria Will Zoë Aoife Ciarán"
        ),
        _words(
            "Abbott Ashdown Barlow Bellamy Blackwood Brennan Carver Cavanagh Clarke Coleridge Dalton Draper Ellison"
            " Fairweather Fenwick Garrick Hartley Holloway Ingram Jarvis Kershaw Langley Marlowe McAllister Merton Nettleton"
            " O'Brien O'Dowd Pemberton Quayle Radcliffe Sedgwick Smith-Jones Thackeray Underhill Vance Whitcombe Winslow Wray"
            " Yardley"
        ),
    ),
    Culture(
        "american",
        "en",
        "AUS",
        _words(
            "Aaron Abigail Ava Brandon Brooke Caleb Cameron Carter Chloe Cody Delilah Derek Dylan Emily Ethan Faith Gavin"
            " Hailey Hunter Isaiah Jada Jasmine Jordan Kayla Kevin Landon Logan Madison Mason Megan Naomi Noah Paige Quinn"
            " Riley Savannah Tanner Trinity Tyler Wyatt"
        ),
        _words(
            "Adler Baines Beckett Bishop Boone Bradford Briggs Caldwell Carmichael Chandler Cobb Dawson Dupree Everett"
            " Fletcher Gaines Granger Hargrove Hendricks Holloman Jefferies Kendrick Lockhart Maddox Mercer Nash Orton"
            " Prescott Quigley Ramsey Rutledge Sawyer Shelby Talbot Tillman Vaughn Wexler Whitaker Yates Zimmer"
        ),
    ),
    Culture(
        "german",
        "de",
        "BER",
        _words(
            "Anja Anke Bastian Birgit Björn Carsten Claudia Dörte Elke Felix Franziska Friederike Gerd Günther Hannes Heike"
            " Ines Jonas Jörg Jürgen Katharina Käthe Lars Leonie Lukas Marlene Matthias Mareike Moritz Nele Ralf Sabine Silke"
            " Sören Stefan Sönke Thorsten Ulrike Uwe Wiebke"
        ),
        _words(
            "Altmann Bäcker Baumgärtner Böhm Brüggemann Dörr Ebert Falkenstein Förster Göbel Großmann Häfner Heß Hölzl Jäger"
            " Kästner Köhler Krüger Küppers Lindemann Löwe Möller Müller Nägele Öhler Pfeiffer Rößler Sauerbier Schäfer"
            " Schröder Strauß Thürmer Uhlig Voß Wächter Weiß von_Ahlen Zöllner Zühlke Würfel"
        ),
    ),
    Culture(
        "portuguese",
        "pt",
        "LIS",
        _words(
            "Afonso Amélia Ângela António Beatriz Bruno Catarina César Constança Diogo Duarte Filipa Francisco Gonçalo Helena"
            " Henrique Inês Isaura Joana João José Leonor Luís Madalena Mafalda Marta Martim Mónica Nuno Patrícia Raquel Rita"
            " Rodrigo Rui Sílvia Sónia Teresa Tiago Vasco Vítor"
        ),
        _words(
            "Abrantes Almeida Araújo Assunção Azevedo Barbosa Bragança Caldeira Carvalho Conceição Correia Coutinho Damásio"
            " Encarnação Esteves Falcão Figueiredo Fonseca Galvão Gouveia Guimarães Leitão Magalhães Meireles Moutinho"
            " Nogueira Paixão Patrão Pinhão Queirós Ramalho Rebelo Resende Sá_Nogueira Salomão Simões Teixeira Valadão"
            " Vasconcelos Viegas"
        ),
    ),
    Culture(
        "brazilian",
        "pt-BR",
        "SAO",
        _words(
            "Adriana Aline Anderson Andréia Antônia Caio Camila Carolina Cauã Cecília Davi Débora Eduardo Fábio Fernanda"
            " Flávia Gabriela Guilherme Heitor Ítalo Jéssica Júlia Juliana Larissa Letícia Lívia Luana Luiza Marcelo Mateus"
            " Natália Otávio Pâmela Rafael Renata Sérgio Tainá Thaís Vinícius Yasmin"
        ),
        _words(
            "Aguiar Amaral Antunes Batista Bezerra Brandão Camargo Campos Cordeiro da_Costa dos_Santos Duarte Farias Ferraz"
            " Freitas Furtado Garcês Goulart Jordão Lacerda Leão Machado Maranhão Medeiros Mesquita Monteiro Moraes Moura"
            " Noronha Pacheco Peçanha Pimentel Prado Quintão Rezende Sampaio Siqueira Tavares Valença Xavier"
        ),
    ),
    Culture(
        "spanish",
        "es",
        "MAD",
        _words(
            "Adrián Aitana Álvaro Begoña Belén Carlos Carmen Cristina Diego Elena Encarna Esteban Fermín Gonzalo Héctor Íñigo"
            " Inés Iker Jesús Jimena Joaquín Leticia Lucía Manuel Maite Martín Mercedes Nuria Óscar Pablo Paloma Pilar Ramón"
            " Rocío Raúl Sergio Sofía Tomás Verónica Xavi"
        ),
        _words(
            "Aguirre_Sanz Álvarez Báñez Benítez Caballero Calderón Cañete Casas_Peña Castañeda Cortés Cuéllar de_la_Fuente"
            " del_Río Domínguez Echeverría Escribà Fuertes Gálvez García_López Gómez Guzmán Ibáñez Jiménez_Prat Lázaro Márquez"
            " Méndez Muñoz Núñez Ordóñez Pérez_Soto Quiñones Ríos Sáez Santamaría Solís Tejedor Ureña Valdés Velázquez Zúñiga"
        ),
    ),
    Culture(
        "italian",
        "it",
        "MIL",
        _words(
            "Alessia Andrea Angelo Aurora Beatrice Bianca Carlotta Chiara Cosimo Davide Elisa Emanuele Enrico Fabrizio"
            " Federica Fiorella Francesca Gaetano Giada Gianluca Giorgia Giulia Ilaria Lorenzo Luca Ludovica Marta Matteo"
            " Michela Niccolò Noemi Ottavia Paola Pietro Riccardo Salvatore Serena Simone Tommaso Valeria"
        ),
        _words(
            "Amato Barbieri Basile Bellini Bernardi Caruso Cattaneo Colombo Conti Coppola D'Angelo D'Este De_Luca De_Santis"
            " Donà Fabbri Farina Ferri Fontana Galli Gentile Giordano Grassi Lombardi Longo Mancini Marchetti Martini Morelli"
            " Nardò Orlando Pagliarulo Pellegrini Piras Rinaldi Ruggeri Sartori Testa Vitale Zanetti"
        ),
    ),
    Culture(
        "japanese",
        "ja",
        "TYO",
        _words(
            "Aiko Akira Asami Ayumi Chihiro Daichi Daisuke Emi Fumiko Hana Haruka Hideo Hikari Hiroto Itsuki Jun Kaito Kaori"
            " Kazuki Keiko Kenji Kōhei Mai Makoto Masato Mayu Mei Miho Naoki Nozomi Ren Rie Riku Sakura Shō Shōta Takumi"
            " Tomoko Yui Yūto"
        ),
        _words(
            "Abe Aoki Arai Endō Fujita Fukuda Goto Hara Hasegawa Hayashi Honda Ikeda Inoue Ishii Itō Kaneko Katō Kikuchi"
            " Kimura Kondō Kudō Maeda Matsuda Mori Murakami Nakajima Nishimura Nomura Ogawa Ōno Ōta Sakai Shimizu Takeuchi"
            " Tamura Uchida Wada Yamashita Yokoyama Yoshida"
        ),
    ),
    Culture(
        "chinese",
        "zh",
        "SHA",
        _words(
            "Bo Chenxi Dan Fang Guang Hao Hui Jia Jiahui Jian Jing Jun Kang Lan Lei Li Lihua Lin Long Mei Meiling Min Na Ning"
            " Ping Qiang Qing Rui Shan Tao Ting Xiaoming Xin Xue Yan Yifan Yong Yuxuan Zhen Zihan"
        ),
        _words(
            "Bai Cao Cheng Cui Deng Ding Dong Duan Fan Feng Gao Gong Gu Guo Han He Hou Hu Jiang Kong Liang Liao Lu Luo Ma"
            " Meng Pan Peng Qin Shen Shi Song Sun Tan Tang Wei Xiao Xu Yin Zhou"
        ),
    ),
    Culture(
        "indian",
        "en",
        "BLR",
        _words(
            "Aarav Aditi Akash Amrita Ananya Anjali Arjun Asha Bhavana Chitra Deepak Devika Divya Farhan Gauri Harish Ishaan"
            " Jayant Kavya Kiran Lakshmi Madhav Meera Mohan Nandini Neha Nikhil Pooja Pranav Priya Rahul Rohan Sanjana Shreya"
            " Suresh Tanvi Uday Varun Vidya Zara"
        ),
        _words(
            "Acharya Banerjee Bhattacharya Chandrasekhar Chatterjee Choudhury Das Desai Deshpande Dutta Ghosh Gokhale Gowda"
            " Hegde Iyengar Iyer Jadhav Joshi Kamath Kapoor Khanna Kulkarni Mehta Menon Mishra Mukherjee Naidu Nair Pillai"
            " Prabhu Qureshi Rajagopalan Rao Reddy Sethi Shetty Subramaniam Trivedi Venkataraman Verma"
        ),
    ),
    Culture(
        "dutch",
        "nl",
        "AMS",
        _words(
            "Anouk Bart Bram Carlijn Daan Eline Elske Femke Floor Floris Fleur Gijs Hanneke Ilse Jaap Jasper Jeroen Joost"
            " Jorien Karlijn Koen Lieke Loes Maaike Maarten Marieke Mees Merel Niels Pieter Renée Roos Ruben Sanne Sjoerd"
            " Stijn Thijs Tess Wouter Yvette"
        ),
        _words(
            "Aalbers Bakker Boersma Brouwer de_Boer de_Groot de_Wit Dekker Dijkstra Driessen Eijkman Geerts Hendriks Hoekstra"
            " Hofman 't_Hart Jansen Kuipers Kramer Meijer Mulder Peeters Postma Prins Schouten Smits ten_Brink Terpstra"
            " van_Beek van_Dam van_den_Heuvel van_der_Meer van_Dijk van_Leeuwen Verhoeven Visser Vos Willems Wolters Zijlstra"
        ),
    ),
    Culture(
        "polish",
        "pl",
        "WAW",
        _words(
            "Agnieszka Andrzej Bartłomiej Bogusława Bożena Czesław Dorota Elżbieta Ewelina Grażyna Grzegorz Halina Jacek"
            " Jadwiga Jakub Jarosław Joanna Kacper Kinga Krzysztof Łucja Łukasz Małgorzata Marcin Michał Miłosz Natalia Oliwia"
            " Paweł Piotr Przemysław Rafał Sławomir Stanisław Szymon Tomasz Wiesława Wojciech Zbigniew Zofia"
        ),
        _words(
            "Bąk Błaszczyk Chmielewska Czarnecki Dąbrowa Dziedzic Gajda Głowacz Górka Jabłoń Jaworska Kaźmierczak Kędziora"
            " Kołodziej Krawczyk Król Kubiak Łaska Łuczak Mazurek Michalak Nowicka Olszak Pająk Pietrzak Rogala Różycka Sikora"
            " Sobczak Stępień Szczepanik Szulc Świątek Tomczyk Urbaniak Wąsik Wójtowicz Wróbel Zając Żak"
        ),
    ),
    Culture(
        "arabic",
        "ar",
        "LON",
        _words(
            "Aisha Amal Amina Bilal Dalia Dina Fadi Faisal Farah Fatima Ghada Hadi Hala Hassan Huda Ibrahim Iman Jamal Jamila"
            " Karim Khalil Laila Lina Mahmoud Mariam Mona Mustafa Nabil Nadia Nour Rami Rania Salma Samir Sara Tariq Walid"
            " Yara Youssef Zeinab"
        ),
        _words(
            "Abboud Abdallah Abu_Zayd al-Amin al-Hakim al-Masri al-Najjar Antar Aswad Awad Aziz Badawi Bakri Barakat Bishara"
            " Darwish El-Sayed Fakhoury Farouk Ghanem Habibi Hamdan Hijazi Jaber Kassab Khoury Maalouf Mansour Nasser Qasim"
            " Rahal Saad Sabbagh Salameh Shadid Shamoun Tahan Wahbi Yassin Zaki"
        ),
    ),
    Culture(
        "nordic and others",
        "en",
        "BER",
        _words(
            "Åsa Astrid Bjørn Dragana Đorđe Eirini Eleni Freja Gábor Goran Hoàng Håkon Ilona Ioana Ivana Jelena Jiří Kalina"
            " Kateřina Kristýna László Lidiya Linh Magnus Mykola Ngọc Nikos Oksana Olha Ondřej Øyvind Ştefan Søren Solveig"
            " Taras Thảo Tõnis Vasylyna Zsófia Željko"
        ),
        _words(
            "Åkesson Bjørnstad Bondarenko Çelik Černý Đặng Dvořáková Erdoğdu Fjeldstad Georgiou Hanák Håland Horváth Ilić"
            " Jurić Kadlec Kovač Kowalenko Lindqvist Lõhmus Marić Nguyễn Nygård Ólafsdóttir Østergaard Papadakis Petrović"
            " Popescu Řezníček Şahin Savchuk Sjöberg Skov Szabó Thorsen Trần Țurcanu Vlahović Yıldız Žukauskas"
        ),
    ),
)
# What some people go by; everybody else uses the name in the passport.
SHORT = {
    "Abigail": "Abby",
    "Andrzej": "Jędrek",
    "Beatrice": "Bea",
    "Beatriz": "Bia",
    "Cameron": "Cam",
    "Carolina": "Carol",
    "Charlotte": "Lottie",
    "Daniel": "Dan",
    "Eduardo": "Edu",
    "Eleanor": "Nell",
    "Enrico": "Rico",
    "Francesca": "Fra",
    "Francisco": "Xico",
    "Franziska": "Franzi",
    "Friederike": "Rike",
    "Gabriela": "Gabi",
    "Grzegorz": "Grześ",
    "Guilherme": "Gui",
    "Jeroen": "Jer",
    "Katharina": "Kathi",
    "Lakshmi": "Lucky",
    "Ludovica": "Ludo",
    "Madison": "Maddie",
    "Małgorzata": "Gosia",
    "Matthias": "Matze",
    "Nathan": "Nate",
    "Oliver": "Olly",
    "Rafael": "Rafa",
    "Savannah": "Sav",
    "Thomas": "Tom",
    "Verónica": "Vero",
    "Victoria": "Vicky",
    "Wojciech": "Wojtek",
    "Youssef": "Joe",
}
BY_KEY = {culture.key: culture for culture in CULTURES}


@lru_cache(maxsize=4096)
def ascii_name(name: str) -> str:
    """A name as it stands in an e-mail address: lower-case a-z only ("van den Berg" → "vandenberg")."""
    return "".join(letter for letter in anyascii(name).lower() if "a" <= letter <= "z")

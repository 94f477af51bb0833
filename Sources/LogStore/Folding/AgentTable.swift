// The programs that send requests, by the words with which they name themselves. As of November 2026.

/// What is known of programs. Names that only robots.txt knows (Google-Extended, Applebot-Extended) are no agents.
enum AgentTable {
    /// A program.
    struct Entry: Sendable {
        let family: String
        let agentClass: AgentClass
        /// The place in the table: the lowest of a field's words decides.
        let rank: Int
    }

    /// The program that a word in lower case names: the whole word, or what comes before its first `.` or `_`.
    static func find(_ word: String) -> Entry? {
        if let entry = entries[word] { return entry }
        let end = word.utf8.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") }
        guard let end, end > word.startIndex else { return nil }
        return entries[String(word[..<end])]
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        var rank = 0
        for (agentClass, families) in table {
            for line in families.split(separator: "\n") {
                // FAMILY, or FAMILY: the words that name it, with `_` for a space in the family.
                let parts = line.split(separator: ":", maxSplits: 1)
                let family = String(parts[0].map { $0 == "_" ? " " : $0 })
                let words = parts.count == 1 ? [parts[0]] : parts[1].split(separator: " ")
                for word in words {
                    let word = word.lowercased()
                    if entries[word] != nil { continue }
                    entries[word] = Entry(family: family, agentClass: agentClass, rank: rank)
                }
                rank += 1
            }
        }
        return entries
    }()

    private static let table: [(AgentClass, String)] = [
        (.aiCrawler, aiCrawlers), (.monitor, monitors), (.feedReader, feedReaders), (.crawler, crawlers),
        (.tool, tools), (.browser, browsers),
    ]

    private static let aiCrawlers = """
        GPTBot
        OAI-SearchBot
        ChatGPT-User
        ClaudeBot
        Claude-User
        Claude-SearchBot
        Claude-Web
        anthropic-ai
        PerplexityBot
        Perplexity-User
        CCBot
        Bytespider
        TikTokSpider
        Amazonbot
        meta-externalagent
        meta-externalfetcher
        FacebookBot
        Google-CloudVertexBot
        Google-NotebookLM
        Gemini-Deep-Research
        GoogleAgent-Mariner
        MistralAI-User
        DuckAssistBot
        cohere-ai
        cohere-training-data-crawler
        DeepSeekBot
        AI2Bot:ai2bot ai2bot-dolma
        Diffbot
        YouBot
        Bravebot
        Timpibot
        omgili:omgili omgilibot
        webzio-extended:webzio-extended webzio
        ImagesiftBot
        img2dataset
        iaskspider
        ICC-Crawler
        PanguBot
        PhindBot
        Kangaroo_Bot:kangaroo
        FirecrawlAgent:firecrawlagent firecrawl
        Andibot
        aiHitBot
        LinerBot
        NovaAct
        Sidetrade:sidetrade
        VelenPublicWebCrawler
        FriendlyCrawler
        Crawlspace
        Cotoyogi
        SBIntuitionsBot
        Devin
        """

    private static let monitors = """
        UptimeRobot
        Pingdom:pingdom pingdombot pingdompagespeed
        StatusCake
        Site24x7
        Better_Uptime:betteruptime betteruptimebot betterstack betterstackbot
        NewRelicPinger
        Datadog:datadog datadogsynthetics
        Checkly:checkly
        Hetrixtools:hetrixtools
        Uptime-Kuma
        Freshping
        Updown:updown
        Cronitor
        Oh_Dear:ohdear
        AWS_Health_Check:elb-healthchecker amazon-route53-health-check-service
        Google_Health_Check:googlehc googlestackdrivermonitoring-uptimechecks
        Azure_Health_Check:healthcheck load-balancer-agent
        Kubernetes_probe:kube-probe
        Consul_Health_Check:consul
        HAProxy:haproxy
        Blackbox_Exporter:blackbox blackbox-exporter
        Prometheus
        Nagios:check_http nagios-plugins nagios
        Icinga:icinga icinga2
        Zabbix
        Telegraf
        Monit
        Munin
        Catchpoint
        Dotcom-Monitor:dotcom-monitor dmbrowser
        GTmetrix
        Lighthouse:chrome-lighthouse lighthouse
        PageSpeed
        """

    private static let feedReaders = """
        Feedly:feedly feedlybot feedlyapp
        Feedbin
        Inoreader
        NewsBlur
        The_Old_Reader:theoldreader
        FreshRSS
        Miniflux
        Tiny_Tiny_RSS:tiny
        NetNewsWire
        Reeder
        Newsboat:newsboat newsbeuter
        Liferea
        Akregator
        Vienna
        Fever
        FeedFetcher-Google
        Feedspot
        Overcast
        Pocket_Casts:pocketcasts
        AntennaPod
        SimplePie
        UniversalFeedParser
        Thunderbird
        """

    private static let crawlers = """
        Googlebot:googlebot googlebot-image googlebot-video googlebot-news
        GoogleOther:googleother googleother-image googleother-video
        AdsBot-Google:adsbot-google adsbot-google-mobile mediapartners-google
        Google-InspectionTool
        Google-Read-Aloud
        Storebot-Google
        APIs-Google
        Bingbot:bingbot bingpreview msnbot adidxbot
        Applebot
        YandexBot:yandexbot yandeximages yandexmobilebot yandexmetrika yandexrenderresourcesbot
        Baiduspider:baiduspider baiduspider-image baiduspider-render
        DuckDuckBot:duckduckbot duckduckbot-https duckduckgo-favicons-bot
        Yahoo_Slurp:slurp
        Sogou:sogou
        PetalBot
        SeznamBot
        Qwantbot:qwantbot qwantify
        Mojeekbot:mojeekbot mojeek
        Naver_Yeti:yeti
        Coccocbot:coccocbot-web coccocbot-image coccocbot
        360Spider:360spider haosouspider
        facebookexternalhit:facebookexternalhit facebookcatalog
        Twitterbot
        LinkedInBot
        Pinterestbot:pinterestbot pinterest
        Slackbot:slackbot slackbot-linkexpanding slack-imgproxy
        Discordbot
        TelegramBot
        WhatsApp
        SkypeUriPreview
        Redditbot
        Mastodon
        Bluesky:cardyb
        Embedly
        Iframely
        AhrefsBot:ahrefsbot ahrefssiteaudit
        SemrushBot:semrushbot semrushbot-ba semrushbot-sa siteauditbot
        MJ12bot
        DotBot
        Rogerbot
        DataForSeoBot
        BLEXBot
        SerpstatBot
        Barkrowler
        Screaming_Frog:screaming
        Sitebulb
        archive.org_bot:archive.org_bot ia_archiver heritrix
        Censys:censysinspect censys
        Shodan
        Expanse:expanse
        InternetMeasurement
        zgrab
        Nmap
        Nikto
        sqlmap
        Nuclei
        masscan
        WPScan
        gobuster
        feroxbuster
        ffuf:fuzz ffuf
        """

    private static let tools = """
        curl:curl libcurl libcurl-agent
        Wget
        HTTPie
        Postman:postmanruntime
        Insomnia
        Bruno:bruno-runtime
        python-requests
        Python-urllib:python-urllib urllib3
        aiohttp
        httpx:python-httpx httpx
        Python:python
        Scrapy
        Go-http-client
        Java:java
        Apache-HttpClient:apache-httpclient jakarta
        okhttp
        Ruby:ruby faraday
        node-fetch:node-fetch undici
        Node.js:node node.js
        axios
        got
        Deno
        Bun
        PHP:php guzzlehttp symfony
        Perl:libwww-perl lwp lwp-request
        .NET:.net dotnet
        reqwest
        hyper
        Swift_URLSession:cfnetwork
        AsyncHTTPClient
        Dart
        Headless_Chrome:headlesschrome
        Playwright
        Puppeteer
        Selenium
        PhantomJS
        Cypress
        ApacheBench
        wrk
        hey
        oha
        k6:k6 grafana-k6
        Vegeta
        Siege
        JMeter
        Gatling
        Locust
        h2load
        httperf
        bombardier
        Git:git git-lfs
        Docker:docker containerd
        APT:debian apt
        PowerShell:powershell windowspowershell
        Lynx
        w3m
        aria2
        rclone
        restic
        """

    private static let browsers = """
        Edge:edg edge edga edgios
        Opera:opr opera opios opt
        Vivaldi
        Yandex_Browser:yabrowser
        Samsung_Internet:samsungbrowser
        UC_Browser:ucbrowser
        DuckDuckGo:ddg duckduckgo
        Brave
        Whale
        MIUI_Browser:miuibrowser
        Huawei_Browser:huaweibrowser
        QQ_Browser:qqbrowser mqqbrowser
        WeChat:micromessenger
        Instagram
        Facebook_app:fban fbav
        Silk
        Electron
        SeaMonkey
        PaleMoon
        Waterfox
        LibreWolf
        Firefox:firefox fxios
        Chromium
        Chrome:chrome crios
        Android_WebView:wv
        Internet_Explorer:msie trident
        Safari
        Konqueror
        Epiphany
        """
}

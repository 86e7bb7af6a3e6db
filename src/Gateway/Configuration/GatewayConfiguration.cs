using System.Collections.Immutable;
using System.Globalization;
using Gateway.Authentication;
using Gateway.Configuration.Reading;
using Gateway.Jobs;
using Gateway.Journal;
using Gateway.Model;
using Gateway.Pricing;
using Gateway.Reservations;
using Yarp.ReverseProxy.Configuration;

namespace Gateway.Configuration;

/// <summary>Checks a whole configuration, YARP's part too, and compiles it.</summary>
internal static class GatewayConfiguration
{
    private const string Routes = "Routes";

    /// <summary>For the request's end and for the report itself, which may need more than one attempt.</summary>
    private static readonly TimeSpan ReportSlack = TimeSpan.FromMinutes(1);

    /// <summary>Reports every error, not the first one. Does not throw, and changes nothing.</summary>
    public static ValidationResult Validate(IConfiguration configuration)
    {
        var findings = new Findings();
        CheckAddresses(configuration, findings);

        var section = configuration.GetSection(GatewayOptions.Section);
        if (!section.Exists()) findings.Add($"$.{GatewayOptions.Section}", "is missing; everything the gateway charges is configured there");

        var proxied = ProxyReader.Read(configuration, findings);
        var at = new SectionReader(section, $"$.{GatewayOptions.Section}", findings);
        var options = Options(at, proxied);
        var metrics = Metrics(options);
        var rules = Rules(at, proxied, metrics, options.Jobs);
        at.End();

        if (findings.Count > 0) return new ValidationResult(findings.All());
        return new ValidationResult(new GatewaySnapshot
        {
            Options = options,
            Catalog = new MeterCatalog(rules, [.. metrics.Values]),
            Keys = StaticKeyRing.From(options.ApiKeys.Static),
            KeyReader = new ApiKeyReader(options.ApiKeys),
            Urls = configuration["Urls"],
            Kestrel = [.. configuration.GetSection("Kestrel").AsEnumerable(makePathsRelative: true)],
        });
    }

    private static GatewayOptions Options(SectionReader at, IReadOnlyList<RouteConfig> proxied)
    {
        var defaults = new GatewayOptions();
        var options = new GatewayOptions
        {
            DataDirectory = at.Text(nameof(defaults.DataDirectory), defaults.DataDirectory),
            MaxInspectedBodyBytes = at.Integer(nameof(defaults.MaxInspectedBodyBytes), defaults.MaxInspectedBodyBytes, 1, 1_048_576),
            Paygentic = StageReader.Paygentic(at.Object(nameof(defaults.Paygentic))),
            Redis = StageReader.Redis(at.Object(nameof(defaults.Redis))),
            Admin = StageReader.Admin(at.Object(nameof(defaults.Admin))),
            ApiKeys = KeyReader.Read(at.Object(nameof(defaults.ApiKeys)), [.. proxied.Select(r => r.RouteId)]),
            Reservations = StageReader.Reservations(at.Object(nameof(defaults.Reservations))),
            Journal = StageReader.Journal(at.Object(nameof(defaults.Journal))),
            Shipping = StageReader.Shipping(at.Object(nameof(defaults.Shipping))),
            Idempotency = StageReader.Idempotency(at.Object(nameof(defaults.Idempotency))),
            SelfService = StageReader.SelfService(at.Object(nameof(defaults.SelfService))),
        };
        if (options.Journal.Engine == LedgerEngine.RedisStreams) CheckStreams(at, options);
        if (!options.Shipping.Aggregate.IsNone) CheckSums(at, options);
        if (string.IsNullOrWhiteSpace(options.DataDirectory)) at.Error(nameof(defaults.DataDirectory), "is empty; leave it out for 'data'");
        foreach (var entry in at.Entries(nameof(defaults.Plans))) options.Plans[entry.Key] = StageReader.Plan(entry);
        foreach (var entry in at.Entries(nameof(defaults.Jobs))) options.Jobs[entry.Key] = JobReader.Options(entry);
        foreach (var entry in at.Entries(nameof(defaults.Metrics))) options.Metrics[entry.Key] = StageReader.Metric(entry);
        return options;
    }

    /// <summary>What only a disk of the node's own can give.</summary>
    private static void CheckStreams(SectionReader at, GatewayOptions options)
    {
        void Refuse(string setting, string reason) => at.Findings.Add($"{at.Path}.{setting}", $"{reason} (Journal.Engine is RedisStreams)");
        if (options.Redis.Mode != RedisMode.External)
            Refuse("Redis.Mode", "must be External: the embedded Redis keeps its data on this node's disk");
        if (options.Journal.Recovery != HoldPolicy.Forgive)
            Refuse("Journal.Recovery", "must be Forgive: nobody knows what the requests of a node that died had set aside");
        if (options.Journal.Durability != Durability.Process)
            Refuse("Journal.Durability", "must be left out: how durable a charge is, is up to that Redis (appendonly, appendfsync)");
        if (options.Shipping.Aggregate != default)
            Refuse("Shipping.Aggregate", "must be None: charges go to whichever node is free, so that sums over them would not come again the same");
    }

    /// <summary>Charges wait for the end of their window, and what comes to Paygentic after its entitlement has ended is refused: nobody would pay for it.</summary>
    private static void CheckSums(SectionReader at, GatewayOptions options)
    {
        var (shipping, reservations) = (options.Shipping, options.Reservations);
        var least = (int)Math.Ceiling((shipping.Aggregate.Length + TimeSpan.FromMilliseconds(shipping.MaxDelayMilliseconds) + ReportSlack).TotalSeconds);
        if (reservations.ExpiryMarginSeconds >= least) return;
        at.Findings.Add($"{at.Path}.{nameof(options.Reservations)}.{nameof(reservations.ExpiryMarginSeconds)}", string.Create(
            CultureInfo.InvariantCulture,
            $"must be at least {least:N0}: the charges of a window are reported when it is over, and an entitlement that has ended by then pays for none of them (Shipping.Aggregate is {shipping.Aggregate}, Shipping.MaxDelayMilliseconds {shipping.MaxDelayMilliseconds:N0}, and a minute is for the report)"));
    }

    private static Dictionary<string, Metric> Metrics(GatewayOptions options)
    {
        var metrics = new Dictionary<string, Metric>(StringComparer.OrdinalIgnoreCase); // as configuration keys compare
        foreach (var (name, metric) in options.Metrics)
        {
            metrics[name] = new Metric(new MetricName(name), metric.BillableMetricId, metric.Unit, metric.Rounding);
        }
        return metrics;
    }

    private static ImmutableArray<RouteRule> Rules(SectionReader at, IReadOnlyList<RouteConfig> proxied, Dictionary<string, Metric> metrics, Dictionary<string, JobOptions> jobs)
    {
        var byId = proxied.ToDictionary(r => r.RouteId, StringComparer.OrdinalIgnoreCase);
        var reader = new RouteReader(metrics, jobs);
        var entries = at.Entries(Routes);
        var priced = entries.Select(e => e.Key).ToList();
        var path = at.At(Routes);

        foreach (var route in proxied.Where(r => !priced.Contains(r.RouteId, StringComparer.OrdinalIgnoreCase)))
        {
            at.Findings.Add(
                Findings.Step($"$.{ProxyReader.Section}.Routes", route.RouteId),
                $"YARP serves this route, but {path} does not name it: nothing is free by accident. Give it Meters there, or \"Free\": true");
        }
        foreach (var entry in entries.Where(e => !byId.ContainsKey(e.Key)))
        {
            entry.Error($"YARP has no route '{entry.Key}' in $.{ProxyReader.Section}.Routes{Suggestion.For(entry.Key, [.. byId.Keys])}");
        }
        return [.. entries.Select(e => reader.Read(e, byId.TryGetValue(e.Key, out var route) ? ProxyReader.PathParameters(route) : null))];
    }

    /// <summary>What Kestrel would end the start with. It does not look at a certificate, which can be the machine's.</summary>
    private static void CheckAddresses(IConfiguration configuration, Findings findings)
    {
        foreach (var url in (configuration["Urls"] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            CheckAddress("$.Urls", url, "must be addresses such as http://0.0.0.0:8080, separated by ';'", findings);
        foreach (var endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
            CheckAddress($"{Findings.Step("$.Kestrel.Endpoints", endpoint.Key)}.Url", endpoint["Url"] ?? "", "must be an address such as http://0.0.0.0:8080", findings);
    }

    private static void CheckAddress(string path, string url, string form, Findings findings)
    {
        if (Checks.Address(url) is not { } address) findings.Add(path, form);
        else if (address.PathBase.Length > 0) findings.Add(path, "must have nothing after the port: which paths are served is in the routes");
        else if (address.Port is < 0 or > ushort.MaxValue) findings.Add(path, $"has the port {address.Port}, but ports are from 0 to {ushort.MaxValue}");
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Gateway.FunctionalTests.Kit;
using Gateway.Journal;
using Gateway.Journal.Records;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Gateway.FunctionalTests.Wire;

/// <summary>
/// A gateway that speaks HTTP/1.1, HTTP/2 without and both with TLS, before an upstream of raw bytes. <c>/inspected</c> is priced by its body, <c>/free</c>
/// costs nothing, everything else one unit a request. What has <see cref="WireRow.Way"/> takes YARP's own way, for its route has transforms.
/// </summary>
public sealed class WireWorld : IAsyncLifetime
{
    private World _world = null!;
    private WebApplication _gateway = null!;
    private Uri[] _addresses = [];

    internal Upstream Upstream { get; private set; } = null!;

    internal Uri Http1 => _addresses[0];

    internal Uri Http2 => _addresses[1];

    internal Uri Https => _addresses[2];

    public async ValueTask InitializeAsync()
    {
        _world = await World.StartAsync(RedisKind.Embedded, wallet: "100.00");
        Upstream = new Upstream();
        WriteCertificate();
        _gateway = GatewayHost.Build(_world.WriteConfiguration(Configure));
        await _gateway.StartAsync();
        _addresses = [.. _gateway.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Select(a => new Uri(a))];
    }

    /// <summary>A file; its password is <c>test</c>.</summary>
    internal string Certificate => Path.Combine(_world.Folder, "test.pfx");

    /// <summary>Requests that held money up to now.</summary>
    internal int Held() => Read(entry => entry.Type == RecordType.HoldPlaced ? entry.Read<HoldPlaced>().RequestId : null).Distinct().Count();

    /// <summary>How many of those came to an end, charged or not, and how many were charged; read when the first number has reached <paramref name="ended"/>.</summary>
    internal async Task<(int Ended, int Charged)> EndedAsync(int ended)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (true)
        {
            var charged = Read(entry => entry.Type == RecordType.Settled ? entry.Read<Settled>().Settlement.RequestId : null).Count;
            var all = charged + Read(entry => entry.Type == RecordType.HoldReleased ? entry.Read<HoldReleased>().RequestId : null).Count;
            if (all >= ended || !await deadline.TickAsync()) return (all, charged);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.StopAsync();
        await _gateway.DisposeAsync();
        await Upstream.DisposeAsync();
        await _world.DisposeAsync();
    }

    private List<Guid> Read(Func<JournalEntry, Guid?> request)
    {
        var requests = new List<Guid>();
        using var reader = _gateway.Services.GetRequiredService<UsageJournal>().ReadFrom(default);
        while (reader.TryRead(out var entry))
        {
            if (request(entry) is { } id) requests.Add(id);
        }

        return requests;
    }

    private void Configure(JsonObject root)
    {
        root.Remove("Urls");
        root["Kestrel"] = JsonNode.Parse($$"""
            { "Endpoints": {
                "A": { "Url": "http://127.0.0.1:0", "Protocols": "Http1" },
                "B": { "Url": "http://127.0.0.1:0", "Protocols": "Http2" },
                "C": { "Url": "https://127.0.0.1:0", "Protocols": "Http1AndHttp2", "Certificate": { "Path": "{{Certificate}}", "Password": "test" } } } }
            """);
        root["Gateway"]!["Routes"] = JsonNode.Parse("""
            { "wire": { "Meters": [ { "Metric": "basic-submissions" } ], "Billable": { "Statuses": "100-599" } },
              "yarp": { "Meters": [ { "Metric": "basic-submissions" } ], "Billable": { "Statuses": "100-599" } },
              "inspected": { "Meters": [ { "Metric": "premium-submissions", "When": [ { "Body": { "$.premium": [ 1 ] } } ] }, { "Metric": "basic-submissions", "Otherwise": true } ] },
              "free": { "Free": true } }
            """);
        root["ReverseProxy"] = JsonNode.Parse($$"""
            { "Routes": {
                "wire": { "ClusterId": "up", "Order": 9, "Match": { "Path": "/{**path}" } },
                "yarp": { "ClusterId": "up", "Order": 8, "Match": { "Path": "/{**path}", "Headers": [ { "Name": "{{WireRow.Way}}", "Values": [ "yarp" ] } ] },
                          "Transforms": [ { "RequestHeaderRemove": "{{WireRow.Way}}" } ] },
                "inspected": { "ClusterId": "up", "Match": { "Path": "/inspected/{**path}" } },
                "free": { "ClusterId": "up", "Match": { "Path": "/free/{**path}" } } },
              "Clusters": { "up": { "Destinations": { "one": { "Address": "{{Upstream.Address}}" } } } } }
            """);
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var today = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(today.AddDays(-1), today.AddDays(1));
        File.WriteAllBytes(Certificate, certificate.Export(X509ContentType.Pfx, "test"));
    }
}

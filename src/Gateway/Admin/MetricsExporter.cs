using System.Diagnostics.Metrics;
using Gateway.Model;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Gateway.Admin;

/// <summary>
/// What hands the instruments' figures to Prometheus. It listens from the first scrape on: before that nothing is measured and nothing costs anything, and so
/// counters begin with 0 there.
/// </summary>
internal sealed class MetricsExporter : IDisposable
{
    private const string Runtime = "System.Runtime";
    private const string Kestrel = "Microsoft.AspNetCore.Server.Kestrel";

    // Read at a scrape, or counted once for each connection. Those of ASP.NET Core, of YARP's clients, and durations are paid for by every request.
    private static readonly HashSet<string> Others = new(StringComparer.Ordinal)
    {
        "dotnet.gc.last_collection.heap.size", "dotnet.gc.pause.time", "dotnet.process.memory.working_set", "kestrel.active_connections",
    };

    private readonly IMeterFactory _meters;
    private readonly Lazy<MeterProvider> _provider;

    public MetricsExporter(IMeterFactory meters, NodeGauges gauges)
    {
        _meters = meters;
        _provider = new Lazy<MeterProvider>(Listen);
        gauges.AddTo(meters.Create(GatewayMeter.Name));
    }

    /// <summary>Whoever asks for it first has it listen.</summary>
    public MeterProvider Provider => _provider.Value;

    public void Dispose()
    {
        if (_provider.IsValueCreated) _provider.Value.Dispose();
    }

    private MeterProvider Listen() => Sdk.CreateMeterProviderBuilder()
        .AddMeter(GatewayMeter.Name, Runtime, Kestrel)
        .AddView(Choose)
        .AddPrometheusExporter(exporter =>
        {
            exporter.ScopeInfoEnabled = false;
            exporter.TargetInfoEnabled = false;
            exporter.ScrapeResponseCacheDurationMilliseconds = 0; // a second Prometheus is told what is, not what was
        })
        .Build();

    /// <summary>Null: as it is. Meters go by their names in a whole process, and another server in it, such as administration's, has some of the same names.</summary>
    private MetricStreamConfiguration? Choose(Instrument instrument)
    {
        if (instrument.Meter.Name != Runtime && instrument.Meter.Scope != _meters) return MetricStreamConfiguration.Drop;
        if (instrument.Meter.Name == GatewayMeter.Name) return null;
        if (!Others.Contains(instrument.Name)) return MetricStreamConfiguration.Drop;
        return instrument.Meter.Name == Kestrel ? new MetricStreamConfiguration { TagKeys = [] } : null;
    }
}

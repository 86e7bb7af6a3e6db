using System.Globalization;
using System.Text.Json;

namespace Gateway.Sandbox;

/// <summary>The sandbox's own command line.</summary>
internal static class SandboxCommand
{
    private const string Help = """
        A sandbox of Paygentic's API: products, customers, subscriptions, entitlements and usage, in memory.

          --urls <addresses>   where it listens; default http://127.0.0.1:8090
          --seed <file>        product, metrics, prices and customers to start with; see config/sandbox.json
          --keep-events <n>    how many of the newest events can be read again; default 100000
          --help               this text

        GET / shows the ledger, GET /sandbox/ledger tells it as JSON, POST /sandbox/fund fills a wallet
        ({"customerId": "cus_demo", "amount": "1.00"}), POST /sandbox/faults breaks things on purpose.
        """;

    /// <summary>Null when there is nothing to run: help was asked for, or the arguments are wrong; <paramref name="output"/> then says so.</summary>
    public static SandboxOptions? Parse(string[] args, TextWriter output)
    {
        var options = new SandboxOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--urls" when value is not null:
                    options.Urls = value;
                    break;
                case "--seed" when value is not null:
                    if (TryReadSeed(value, output) is not { } seed) return null;
                    options.Seed = seed;
                    break;
                case "--keep-events" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var keep) && keep > 0:
                    options.KeepEvents = keep;
                    break;
                default:
                    output.WriteLine(Help);
                    return null;
            }
        }

        return options;
    }

    private static SandboxSeed? TryReadSeed(string path, TextWriter output)
    {
        try
        {
            return SandboxSeed.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            output.WriteLine($"The seed {path} can not be read: {e.Message}");
            return null;
        }
    }
}

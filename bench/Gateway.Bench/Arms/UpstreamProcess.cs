using System.Globalization;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Arms;

/// <summary>The API behind every arm, in a process of its own: nginx where there is one and nothing special is asked of it, else a bare Kestrel.</summary>
internal sealed class UpstreamProcess : IAsyncDisposable
{
    /// <summary>Some 330 bytes, in the shape of a code runner's result.</summary>
    public const string Json =
        """{"token":"d85cd024-1548-4165-96c7-7bc88673f194","status":{"id":3,"description":"Accepted"},"stdout":"Hello, world","stderr":null,"compile_output":null,"message":null,"exit_code":0,"exit_signal":null,"time":"0.002","wall_time":"0.015","memory":3184,"created_at":"2026-11-25T12:00:00.000Z","finished_at":"2026-11-25T12:00:00.017Z"}""";

    private UpstreamProcess(ChildProcess process, Uri address, string description) => (Process, Address, Description) = (process, address, description);

    public Uri Address { get; }

    public string Description { get; }

    public ChildProcess Process { get; }

    /// <param name="folder">Where its configuration is written.</param>
    /// <param name="isPlain">Whether one small answer is all it has to give; only the Kestrel has <c>/bytes/N</c> and <c>/delay/MS</c>.</param>
    /// <param name="stop">Ends it before.</param>
    public static async Task<UpstreamProcess> StartAsync(TempFolder folder, bool isPlain, CancellationToken stop)
    {
        var address = Ports.FreeAddress();
        var (launch, description) = isPlain && Programs.Find("nginx") is { } nginx
            ? (Nginx(nginx, folder, address.Port), "nginx, 1 worker")
            : (Launch.Dotnet("Gateway.Bench", "upstream", "--urls", address.ToString()), "a bare Kestrel");
        var process = ChildProcess.Start(Role.Upstream, launch);
        await Until.AnswersAsync(address, process, stop);
        return new UpstreamProcess(process, address, $"{description}, {Json.Length} bytes of JSON");
    }

    public ValueTask DisposeAsync() => Process.DisposeAsync();

    private static Launch Nginx(string program, TempFolder folder, int port) => NginxConfig.Launch(program, folder, "upstream", 1, string.Create(CultureInfo.InvariantCulture, $$"""
        server {
          listen 127.0.0.1:{{port}} backlog=4096;
          location / { default_type application/json; return 200 '{{Json}}'; }
        }
        """));
}

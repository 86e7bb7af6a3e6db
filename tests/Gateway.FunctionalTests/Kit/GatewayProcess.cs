using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Gateway.FunctionalTests.Kit;

/// <summary>The gateway as a process of its own, so that it can be killed.</summary>
internal sealed partial class GatewayProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _output = [];

    private GatewayProcess(Process process) => _process = process;

    public HttpClient Client { get; private set; } = null!;

    public static async Task<GatewayProcess> StartAsync(string configPath)
    {
        var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(GatewayHost).Assembly.Location, "--config", configPath])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var gateway = new GatewayProcess(process);
        var listening = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Read(string? line)
        {
            if (line is null) return;
            lock (gateway._output) gateway._output.Add(line);
            if (Listening().Match(line) is { Success: true } match) listening.TrySetResult(match.Groups[1].Value);
        }

        process.OutputDataReceived += (_, e) => Read(e.Data);
        process.ErrorDataReceived += (_, e) => Read(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var first = await Task.WhenAny(listening.Task, process.WaitForExitAsync(), Task.Delay(TimeSpan.FromSeconds(60), TimeProvider.System));
        Assert.True(first == listening.Task, gateway.Output);
        gateway.Client = Clients.For(new Uri(await listening.Task), World.Key);
        return gateway;
    }

    public string Output
    {
        get
        {
            lock (_output) return string.Join(Environment.NewLine, _output);
        }
    }

    /// <summary>SIGSTOP: it stands still, its sockets stay open.</summary>
    public void Pause() => Signal("-STOP");

    public void Continue() => Signal("-CONT");

    /// <summary>SIGTERM: an orderly end.</summary>
    public async Task TerminateAsync()
    {
        Signal("-TERM");
        await _process.WaitForExitAsync();
    }

    /// <summary>kill -9: nothing in the process runs any more.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (!_process.HasExited) await KillAsync();
        _process.Dispose();
    }

    private void Signal(string signal)
    {
        using var kill = Process.Start("kill", [signal, _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    [GeneratedRegex(@"The gateway answers at (http://[^ ,]+?)\.?$")]
    private static partial Regex Listening();
}

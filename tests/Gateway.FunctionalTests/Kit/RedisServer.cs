using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Gateway.FunctionalTests.Kit;

/// <summary>Which Redis a test runs against.</summary>
public enum RedisKind
{
    /// <summary>The one hosted in the gateway's process.</summary>
    Embedded,

    /// <summary>A real redis-server; the test is skipped where none is installed.</summary>
    Server,
}

/// <summary>A redis-server of the test's own, without persistence.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly Process _process;

    private RedisServer(Process process, int port)
    {
        _process = process;
        Connection = $"127.0.0.1:{port}";
    }

    public string Connection { get; }

    public static async Task<RedisServer> StartAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, "redis-server")).FirstOrDefault(File.Exists);
        Assert.SkipUnless(program is not null, "redis-server is not installed");

        var port = FreePort();
        var process = Process.Start(new ProcessStartInfo(program!, $"--port {port} --bind 127.0.0.1 --save \"\" --appendonly no") { RedirectStandardOutput = true })!;
        process.BeginOutputReadLine();
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (!await AnswersAsync(port)) Assert.True(await deadline.TickAsync(), "redis-server did not start");
        return new RedisServer(process, port);
    }

    public async Task StopAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

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

/// <summary>A redis-server of the test's own. It writes to disk only when told to.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _program;
    private readonly int _port;
    private readonly string _arguments;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("redis-");
    private Process? _process;

    private RedisServer(string program, int port, string arguments)
    {
        (_program, _port, _arguments) = (program, port, arguments);
        Connection = $"127.0.0.1:{port}";
    }

    public string Connection { get; }

    public int Port => _port;

    public int ProcessId => _process!.Id;

    /// <param name="arguments">More of redis-server's own.</param>
    public static async Task<RedisServer> StartAsync(string arguments = "", int port = 0)
    {
        var server = new RedisServer(Find("redis-server"), port == 0 ? Ports.Free() : port, arguments);
        await server.StartProcessAsync();
        return server;
    }

    /// <summary>A program of Debian's redis packages; the test is skipped where it is not installed.</summary>
    public static string Find(string program)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);
        Assert.SkipUnless(path is not null, program + " is not installed");
        return path!;
    }

    /// <summary>kill -9.</summary>
    public async Task StopAsync()
    {
        if (_process is null or { HasExited: true }) return;
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>What it has now is what it will have after a restart.</summary>
    public Task SaveAsync() => ExecuteAsync("SAVE");

    /// <summary>Forgets everything.</summary>
    public Task FlushAsync() => ExecuteAsync("FLUSHALL");

    /// <summary>Becomes a replica, and has what the master has.</summary>
    public async Task FollowAsync(RedisServer master)
    {
        await ExecuteAsync("REPLICAOF", "127.0.0.1", master.Port);
        await UntilInSyncAsync(master);
    }

    /// <summary>Has what its master has now.</summary>
    public async Task UntilInSyncAsync(RedisServer master)
    {
        var deadline = new Deadline(TimeSpan.FromSeconds(20));
        while (true)
        {
            // master, offset, …; and slave, host, port, state, offset.
            var offset = (long)(await master.ExecuteAsync("ROLE"))[1];
            var role = await ExecuteAsync("ROLE");
            if ((string?)role[3] == "connected" && (long)role[4] >= offset) return;
            Assert.True(await deadline.TickAsync(), "the replica did not get its master's data");
        }
    }

    /// <summary>From a replica to a master.</summary>
    public Task PromoteAsync() => ExecuteAsync("REPLICAOF", "NO", "ONE");

    /// <summary>kill -9, and again on the same port with what it had at <see cref="SaveAsync"/>.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _process!.Dispose();
        await StartProcessAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    public async Task<StackExchange.Redis.RedisResult> ExecuteAsync(string command, params object[] arguments)
    {
        using var client = await StackExchange.Redis.ConnectionMultiplexer.ConnectAsync(Connection + ",allowAdmin=true");
        return await client.GetDatabase().ExecuteAsync(command, arguments);
    }

    private async Task StartProcessAsync()
    {
        var start = new ProcessStartInfo(_program, $"--port {_port} --bind 127.0.0.1 --dir {_folder.FullName} --save \"\" --appendonly no --repl-diskless-sync-delay 0 {_arguments}")
        {
            RedirectStandardOutput = true,
        };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        var deadline = new Deadline(TimeSpan.FromSeconds(10));
        while (!await AnswersAsync(_port)) Assert.True(await deadline.TickAsync(), "redis-server did not start");
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

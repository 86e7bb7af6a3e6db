using System.Net.Sockets;
using System.Security.Cryptography;
using Garnet;
using StackExchange.Redis;

namespace Gateway.Reservations.Pool;

/// <summary>
/// Microsoft.Garnet in this process. Only this class names Garnet's types, so its assemblies are loaded only where it is used.
/// </summary>
internal sealed partial class EmbeddedRedis : IDisposable
{
    // sun_path is 108 bytes on Linux and 104 on macOS, with a terminating zero.
    private const int MaxSocketPath = 100;

    private readonly GarnetServer _server;

    private EmbeddedRedis(GarnetServer server, ConfigurationOptions configuration)
    {
        _server = server;
        Configuration = configuration;
    }

    public ConfigurationOptions Configuration { get; }

    public static EmbeddedRedis Start(string directory, ILogger logger)
    {
        Directory.CreateDirectory(directory);
        var socket = SocketPath(directory);
        File.Delete(socket);

        // Whoever else is on this machine must not be able to give himself units: a socket for this user only, and a password nobody knows.
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        Log.Starting(logger, directory);
        var server = new GarnetServer(
        [
            "--bind", "127.0.0.1", "--port", "0", "--unixsocket", socket, "--unixsocketperm", "600",
            "--auth", "Password", "--password", password,
            "--device-type", "RandomAccess", // the default needs libaio, and ends the process where that is missing
            "--lua", "--lua-transaction-mode", // without transaction mode scripts of several connections interleave
            "--aof", "--aof-commit-wait", "--recover", "--checkpointdir", directory, // an answer given is on disk: no unit is leased twice after a crash
            "--aof-size-limit", "64m",
            "--memory", "128m", "--page", "256k", "--index", "8m", "--aof-memory", "2m", "--aof-page-size", "512k", // taken as they fill
            "--storage-tier", "--logdir", directory, // what does not fit in memory goes to disk; without this it is forgotten
            "-q", "--disable-console-logger",
        ]);
        server.Start();
        var configuration = new ConfigurationOptions { Password = password, Protocol = RedisProtocol.Resp2 };
        configuration.EndPoints.Add(new UnixDomainSocketEndPoint(socket));
        return new EmbeddedRedis(server, configuration);
    }

    public void Dispose() => _server.Dispose();

    private static string SocketPath(string directory)
    {
        var path = Path.GetFullPath(Path.Combine(directory, "redis.sock"));
        return path.Length <= MaxSocketPath ? path : Path.Combine(Path.GetTempPath(), $"gateway-{Guid.NewGuid():N}.sock");
    }

    private static partial class Log
    {
        [LoggerMessage(300, LogLevel.Information, "Starting the embedded Redis in {Directory}.")]
        public static partial void Starting(ILogger logger, string directory);
    }
}

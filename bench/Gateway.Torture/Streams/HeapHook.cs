using System.Globalization;
using System.Net.Sockets;

/// <summary>
/// Loaded by the runtime into the proxies that are measured (DOTNET_STARTUP_HOOKS, which asks for this name): whoever connects to the socket makes the
/// process collect its garbage, and is told how many bytes are left.
/// </summary>
internal static class StartupHook
{
    public const string Variable = "TORTURE_HEAP";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } path) return;
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        new Thread(() => Serve(listener)) { IsBackground = true }.Start();
    }

    private static void Serve(Socket listener)
    {
        while (true)
        {
            using var client = listener.Accept();
            for (var i = 0; i < 2; i++)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                GC.WaitForPendingFinalizers();
            }

            client.Send(System.Text.Encoding.ASCII.GetBytes(GC.GetTotalMemory(forceFullCollection: false).ToString(CultureInfo.InvariantCulture)));
        }
    }
}

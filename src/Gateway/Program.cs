using System.Globalization;
using Gateway.Cli;

// Bytes that have arrived are dealt with on the thread that heard of them, and not handed on to another: a sixth more requests on the same processors
// (docs/performance.md). What waits, waits without a thread; only the embedded Redis waits for its disk with one, so there are twice as many such threads as
// processors. .NET reads both at the first socket; whoever has set them otherwise has the last word. What runs before this program, a startup hook of some
// monitoring for example, may have opened one already.
const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
const string Threads = "DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT";
if (Environment.GetEnvironmentVariable(Inline) is null && AppDomain.CurrentDomain.GetAssemblies().Any(a => a.GetName().Name == "System.Net.Sockets"))
{
    Console.Error.WriteLine($"Something uses sockets already, before the gateway has begun: a startup hook? It would serve a quarter fewer requests. Set {Inline}=1 and {Threads}={2 * Environment.ProcessorCount} in its environment.");
}

SetUnlessSet(Inline, 1);
SetUnlessSet(Threads, 2 * Environment.ProcessorCount);

return await GatewayCommand.RunAsync(args);

static void SetUnlessSet(string name, int value)
{
    if (Environment.GetEnvironmentVariable(name) is null) Environment.SetEnvironmentVariable(name, value.ToString(CultureInfo.InvariantCulture));
}

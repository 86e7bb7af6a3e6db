using System.Globalization;
using Gateway.Cli;

// Bytes that have arrived are dealt with on the thread that heard of them, and not handed on to another: a sixth more requests on the same processors
// (docs/performance.md). What waits, waits without a thread; only the embedded Redis waits for its disk with one, so there are twice as many such threads as
// processors. .NET reads both at the first socket; whoever has set them otherwise has the last word.
SetUnlessSet("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", 1);
SetUnlessSet("DOTNET_SYSTEM_NET_SOCKETS_THREAD_COUNT", 2 * Environment.ProcessorCount);

return await GatewayCommand.RunAsync(args);

static void SetUnlessSet(string name, int value)
{
    if (Environment.GetEnvironmentVariable(name) is null) Environment.SetEnvironmentVariable(name, value.ToString(CultureInfo.InvariantCulture));
}

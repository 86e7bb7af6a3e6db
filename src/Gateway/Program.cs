using Gateway.Cli;

// Bytes that have arrived are dealt with on the thread that heard of them, and not handed on to another: a sixth more requests on the same processors
// (docs/performance.md). What waits, waits without a thread. Read by .NET at the first socket; whoever has set it otherwise has the last word.
const string InlineCompletions = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
if (Environment.GetEnvironmentVariable(InlineCompletions) is null) Environment.SetEnvironmentVariable(InlineCompletions, "1");

return await GatewayCommand.RunAsync(args);

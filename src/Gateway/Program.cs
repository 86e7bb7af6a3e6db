using Gateway.Cli;

if (Environment.GetEnvironmentVariable("GW_COMP") is not null) Environment.SetEnvironmentVariable("DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS", "1");

return await GatewayCommand.RunAsync(args);

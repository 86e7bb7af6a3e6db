using Gateway.Sandbox;

if (SandboxCommand.Parse(args, Console.Error) is not { } options) return args.Contains("--help") ? 0 : 2;

await using var sandbox = SandboxHost.Build(options, ownsProcess: true);
await sandbox.StartAsync();
Console.WriteLine($"The Paygentic sandbox answers at {string.Join(", ", sandbox.Urls)}; open it in a browser to see the ledger.");
await sandbox.WaitForShutdownAsync();
return 0;

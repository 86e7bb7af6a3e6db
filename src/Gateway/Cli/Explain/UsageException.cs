namespace Gateway.Cli.Explain;

/// <summary>What was asked can not be answered as it was asked; the message says what to write instead.</summary>
internal sealed class UsageException(string message) : Exception(message);

namespace Gateway.Catalogue;

/// <summary>The catalogue asks for what Paygentic does not let change, or what is there can not be told apart.</summary>
internal sealed class CatalogConflictException(string message) : Exception(message);

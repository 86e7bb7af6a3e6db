namespace Gateway.Journal;

/// <summary>The journal cannot take or keep records now. What was accepted before is safe; the message says why and what to do.</summary>
internal sealed class JournalUnavailableException(string message, Exception? innerException = null)
    : Exception(message, innerException);

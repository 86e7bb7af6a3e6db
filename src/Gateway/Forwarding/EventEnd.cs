namespace Gateway.Forwarding;

/// <summary>Whether a stream of server-sent events, of which the bytes pass by, is between two events: a blank line was the last.</summary>
internal struct EventEnd
{
    private int _lineEnds;
    private bool _any;
    private bool _lastWasReturn;

    public readonly bool IsBetweenEvents => !_any || _lineEnds >= 2;

    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return;
        _any = true;
        if (bytes.Length > 4)
        {
            (_lineEnds, _lastWasReturn) = (0, false);
            bytes = bytes[^4..]; // no more is needed to see a blank line
        }

        foreach (var next in bytes)
        {
            // A return and the line feed after it are one line end.
            if (next == '\r' || (next == '\n' && !_lastWasReturn)) _lineEnds++;
            else if (next != '\n') _lineEnds = 0;
            _lastWasReturn = next == '\r';
        }
    }
}

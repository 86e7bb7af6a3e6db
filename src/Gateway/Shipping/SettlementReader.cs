using Gateway.Journal;
using Gateway.Journal.Records;
using Gateway.Model;

namespace Gateway.Shipping;

/// <summary>The journal's settlements, with a look at the next one before it is taken.</summary>
internal sealed class SettlementReader : IDisposable
{
    private readonly Charge[] _charges = new Charge[16]; // of the one that was looked at; those with more have room of their own
    private readonly JournalReader _reader;
    private readonly JournalPosition _after;
    private Settlement _next;
    private JournalPosition _position;
    private bool _peeked;

    /// <param name="from">The first position of interest.</param>
    /// <param name="after">Everything through here is known already.</param>
    public SettlementReader(UsageJournal journal, JournalPosition? from = null, JournalPosition? after = null)
    {
        _reader = journal.ReadFrom(from ?? after ?? default);
        _after = after ?? default;
    }

    /// <summary>Every settlement before it was taken.</summary>
    public JournalPosition Position => _peeked ? _position : _reader.Position;

    /// <summary>The settlement's charges are good until the next one is looked at.</summary>
    public bool TryPeek(out Settlement settlement, out JournalPosition position)
    {
        while (!_peeked && _reader.TryRead(out var entry))
        {
            if (!entry.IsSettled || entry.Position <= _after) continue;
            (_next, _position, _peeked) = (Read(entry), entry.Position, true);
        }

        (settlement, position) = (_next, _position);
        return _peeked;
    }

    public void Advance() => _peeked = false;

    public Task WaitForDataAsync(CancellationToken cancellationToken) =>
        _peeked ? Task.CompletedTask : _reader.WaitForDataAsync(cancellationToken).AsTask();

    public void Dispose() => _reader.Dispose();

    private Settlement Read(JournalEntry entry) =>
        entry.Type == RecordType.Settled ? Settled.Read(entry.Payload, _charges).Settlement : entry.Read<Settled>().Settlement;
}

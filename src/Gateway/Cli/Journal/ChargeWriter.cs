using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsvHelper;
using CsvHelper.Configuration;

namespace Gateway.Cli.Journal;

internal abstract class ChargeWriter : IDisposable
{
    public static ChargeWriter Create(ExportFormat format, Stream stream) => format == ExportFormat.Csv ? new Table(stream) : new Lines(stream);

    public abstract void Write(ExportedCharge charge);

    public abstract void Dispose();

    private sealed class Lines(Stream stream) : ChargeWriter
    {
        private readonly BufferedStream _stream = new(stream, 1 << 16);

        public override void Write(ExportedCharge charge)
        {
            JsonSerializer.Serialize(_stream, charge, ExportJson.Default.ExportedCharge);
            _stream.WriteByte((byte)'\n');
        }

        public override void Dispose() => _stream.Flush();
    }

    private sealed class Table : ChargeWriter
    {
        private readonly CsvWriter _csv;

        public Table(Stream stream)
        {
            _csv = new CsvWriter(new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true), new CsvConfiguration(CultureInfo.InvariantCulture)
            {
                InjectionOptions = InjectionOptions.Escape, // a customer's id is nothing that a spreadsheet should run
            });
            _csv.WriteHeader<ExportedCharge>();
            _csv.NextRecord();
        }

        public override void Write(ExportedCharge charge)
        {
            _csv.WriteRecord(charge);
            _csv.NextRecord();
        }

        public override void Dispose() => _csv.Dispose();
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExportedCharge))]
internal sealed partial class ExportJson : JsonSerializerContext;

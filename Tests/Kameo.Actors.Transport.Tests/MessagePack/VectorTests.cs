using System.Globalization;
using System.Text.Json;
using Kameo.Actors.Transport.MessagePack;

namespace Kameo.Actors.Transport.Tests.MessagePack;

/// <summary>The vectors of an independent implementation, both ways, and the inputs to refuse.</summary>
public sealed class VectorTests
{
    public static TheoryData<int, string, string> Vectors()
    {
        var data = new TheoryData<int, string, string>();
        int index = 0;
        foreach (JsonElement vector in Load("msgpack.json").GetProperty("vectors").EnumerateArray())
        {
            string hex = vector.GetProperty("hex").GetString()!;
            data.Add(index++, vector.GetProperty("kind").GetString()!, hex.Length <= 40 ? hex : hex[..40]);
        }

        return data;
    }

    public static TheoryData<int, string> Refusals()
    {
        var data = new TheoryData<int, string>();
        int index = 0;
        foreach (JsonElement input in Load("msgpack-refuse.json").GetProperty("inputs").EnumerateArray())
        {
            data.Add(index++, input.GetProperty("why").GetString()!);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_vector_is_written_and_read(int index, string kind, string hexStart)
    {
        JsonElement vector = Load("msgpack.json").GetProperty("vectors")[index];
        byte[] expected = Convert.FromHexString(vector.GetProperty("hex").GetString()!);
        Assert.StartsWith(hexStart, vector.GetProperty("hex").GetString(), StringComparison.Ordinal);
        var scratch = new ScratchBuffer(0, 1 << 20);
        var writer = new MessagePackWriter(scratch);
        Write(ref writer, kind, vector);
        if (vector.TryGetProperty("note", out _))
        {
            Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(scratch.WrittenSpan[..expected.Length])); // The vector shows the beginning only.
            return;
        }

        Assert.Equal(Convert.ToHexString(expected), Convert.ToHexString(scratch.WrittenSpan));
        var reader = new MessagePackReader(expected);
        Read(ref reader, kind, vector);
        Assert.True(reader.IsAtEnd);
        var skipping = new MessagePackReader(expected);
        skipping.Skip();
        Assert.True(skipping.IsAtEnd);
        for (int length = 0; length < Math.Min(expected.Length, 200); length++)
        {
            Assert.Throws<MessagePackException>(() => new MessagePackReader(expected.AsSpan(0, length)).Skip());
        }
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void A_damaged_input_is_refused_without_allocating_what_it_claims(int index, string why)
    {
        byte[] input = Convert.FromHexString(Load("msgpack-refuse.json").GetProperty("inputs")[index].GetProperty("hex").GetString()!);
        long before = GC.GetAllocatedBytesForCurrentThread();
        MessagePackException refused = Assert.Throws<MessagePackException>(() => ReadAll(input, why));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 * 1024, why);
        Assert.NotEmpty(refused.Message);
    }

    private static void ReadAll(byte[] input, string why)
    {
        var reader = new MessagePackReader(input);
        if (why.Contains("utf-8", StringComparison.Ordinal))
        {
            reader.ReadString();
        }
        else if (why.Contains("timestamp", StringComparison.Ordinal))
        {
            reader.ReadTimestamp(out _);
        }
        else
        {
            reader.Skip();
        }
    }

    private static void Write(ref MessagePackWriter writer, string kind, JsonElement vector)
    {
        JsonElement value = vector.TryGetProperty("value", out JsonElement given) ? given : default;
        switch (kind)
        {
            case "nil":
                writer.WriteNil();
                break;
            case "bool":
                writer.Write(value.GetBoolean());
                break;
            case "int" when value.GetString()![0] == '-':
                writer.Write(long.Parse(value.GetString()!, CultureInfo.InvariantCulture));
                break;
            case "int":
                writer.Write(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture));
                break;
            case "float32":
                writer.Write((float)Number(value));
                break;
            case "float64":
                writer.Write(Number(value));
                break;
            case "str":
                writer.WriteString(value.GetString());
                break;
            case "bin":
                writer.WriteBinary(Convert.FromHexString(value.GetString()!));
                break;
            case "str-len":
                writer.WriteString(new string('y', value.GetInt32()));
                break;
            case "array-len":
                writer.WriteArrayHeader(value.GetInt32());
                for (int count = value.GetInt32(); count > 0; count--)
                {
                    writer.Write(0);
                }

                break;
            case "ext":
                writer.WriteExtensionHeader((sbyte)value.GetProperty("code").GetInt32(), value.GetProperty("length").GetInt32());
                writer.WriteRaw(Filled(value.GetProperty("length").GetInt32()));
                break;
            case "timestamp":
                writer.WriteTimestamp(value.GetProperty("seconds").GetInt64(), value.GetProperty("nanoseconds").GetUInt32());
                break;
            default:
                WriteAny(ref writer, value);
                break;
        }
    }

    private static void WriteAny(ref MessagePackWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                writer.WriteArrayHeader(value.GetArrayLength());
                foreach (JsonElement element in value.EnumerateArray())
                {
                    WriteAny(ref writer, element);
                }

                break;
            case JsonValueKind.Object:
                writer.WriteMapHeader(value.EnumerateObject().Count());
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    writer.WriteString(property.Name);
                    WriteAny(ref writer, property.Value);
                }

                break;
            case JsonValueKind.String:
                writer.WriteString(value.GetString());
                break;
            case JsonValueKind.Number when value.GetRawText().Contains('.', StringComparison.Ordinal):
                writer.Write(value.GetDouble());
                break;
            case JsonValueKind.Number:
                writer.Write(value.GetInt64());
                break;
            case JsonValueKind.Null:
                writer.WriteNil();
                break;
            default:
                writer.Write(value.GetBoolean());
                break;
        }
    }

    private static byte[] Filled(int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, (byte)0x5a);
        return bytes;
    }

    private static void Read(ref MessagePackReader reader, string kind, JsonElement vector)
    {
        JsonElement value = vector.TryGetProperty("value", out JsonElement given) ? given : default;
        switch (kind)
        {
            case "nil":
                Assert.True(reader.TryReadNil());
                break;
            case "bool":
                Assert.Equal(value.GetBoolean(), reader.ReadBoolean());
                break;
            case "int" when value.GetString()![0] == '-':
                Assert.Equal(long.Parse(value.GetString()!, CultureInfo.InvariantCulture), reader.ReadInt64());
                break;
            case "int":
                Assert.Equal(ulong.Parse(value.GetString()!, CultureInfo.InvariantCulture), reader.ReadUInt64());
                break;
            case "float32":
                Assert.Equal(BitConverter.SingleToInt32Bits((float)Number(value)), BitConverter.SingleToInt32Bits(reader.ReadSingle()));
                break;
            case "float64":
                Assert.Equal(BitConverter.DoubleToInt64Bits(Number(value)), BitConverter.DoubleToInt64Bits(reader.ReadDouble()));
                break;
            case "str":
                Assert.Equal(value.GetString(), reader.ReadString());
                break;
            case "bin":
                Assert.Equal(value.GetString(), Convert.ToHexString(reader.ReadBinary()), ignoreCase: true);
                break;
            case "ext":
                Assert.Equal(Filled(value.GetProperty("length").GetInt32()), reader.ReadExtension(out sbyte code).ToArray());
                Assert.Equal(value.GetProperty("code").GetInt32(), code);
                break;
            case "timestamp":
                Assert.Equal(value.GetProperty("seconds").GetInt64(), reader.ReadTimestamp(out uint nanoseconds));
                Assert.Equal(value.GetProperty("nanoseconds").GetUInt32(), nanoseconds);
                break;
            default:
                ReadAny(ref reader, value);
                break;
        }
    }

    private static void ReadAny(ref MessagePackReader reader, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Array:
                Assert.Equal(value.GetArrayLength(), reader.ReadArrayHeader());
                foreach (JsonElement element in value.EnumerateArray())
                {
                    ReadAny(ref reader, element);
                }

                break;
            case JsonValueKind.Object:
                Assert.Equal(value.EnumerateObject().Count(), reader.ReadMapHeader());
                foreach (JsonProperty property in value.EnumerateObject())
                {
                    Assert.Equal(property.Name, reader.ReadString());
                    ReadAny(ref reader, property.Value);
                }

                break;
            case JsonValueKind.String:
                Assert.Equal(value.GetString(), reader.ReadString());
                break;
            case JsonValueKind.Number:
                Assert.Equal(value.GetDouble(), reader.ReadDouble());
                break;
            case JsonValueKind.Null:
                Assert.True(reader.TryReadNil());
                break;
            default:
                Assert.Equal(value.GetBoolean(), reader.ReadBoolean());
                break;
        }
    }

    private static double Number(JsonElement value) => value.ValueKind == JsonValueKind.Number ? value.GetDouble() : value.GetString() switch
    {
        "inf" or "Infinity" => double.PositiveInfinity,
        "-inf" or "-Infinity" => double.NegativeInfinity,
        "nan" or "NaN" => double.NaN,
        { } text => double.Parse(text, CultureInfo.InvariantCulture),
        null => throw new InvalidDataException("A number is missing."),
    };

    private static JsonElement Load(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Vectors", file)));
        return document.RootElement.Clone();
    }
}

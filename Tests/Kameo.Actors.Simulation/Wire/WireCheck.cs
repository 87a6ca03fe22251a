using Kameo.Actors.Slots.Messages;
using Kameo.Actors.Slots.Wire;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Views.Messages;
using Kameo.Actors.Transport.Views.Wire;

namespace Kameo.Actors.Simulation.Wire;

/// <summary>Every message keeps its bytes, is read back as it was written, and no prefix or flipped byte of it does more than be refused.</summary>
internal static class WireCheck
{
    private const string Golden = "Kameo.Actors.Simulation.Wire.golden.txt";

    /// <summary>The samples as lines of name and bytes: what the golden file holds.</summary>
    public static IEnumerable<string> Lines() => WireSamples.All().Select(static sample => $"{sample.Name} {Convert.ToHexStringLower(Encode(sample.Envelope))}")
        .Append($"{nameof(WireSamples.State)} {Convert.ToHexStringLower(World.Encode(WireSamples.State))}")
        .Concat(HandoffSamples.All().Select(static message => $"{message.GetType().Name} {Convert.ToHexStringLower(Encode(message))}"));

    /// <summary>Checks all.</summary>
    /// <returns>What is wrong, a line each.</returns>
    public static List<string> Check()
    {
        List<string> wrong = [];
        using Stream stream = typeof(WireCheck).Assembly.GetManifestResourceStream(Golden) ?? throw new InvalidOperationException($"{Golden} is not embedded.");
        using StreamReader reader = new(stream);
        string[] golden = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        wrong.AddRange(golden.Except(Lines()).Select(static line => $"was, and is not any more: {line}"));
        wrong.AddRange(Lines().Except(golden).Select(static line => $"is, and was not: {line}"));
        foreach ((string name, Envelope envelope) in WireSamples.All())
        {
            byte[] bytes = Encode(envelope);
            if (ViewWire.Decode(bytes) is not { } decoded || !Encode(decoded).AsSpan().SequenceEqual(bytes))
            {
                wrong.Add($"{name} is not read back as it was written");
            }

            Corrupt(name, bytes, wrong, static bytes => ViewWire.Decode(bytes));
        }

        foreach (HandoffMessage message in HandoffSamples.All())
        {
            byte[] bytes = Encode(message);
            if (HandoffWire.Decode(bytes) is not { } decoded || !Encode(decoded).AsSpan().SequenceEqual(bytes))
            {
                wrong.Add($"{message.GetType().Name} is not read back as it was written");
            }

            Corrupt(message.GetType().Name, bytes, wrong, static bytes => HandoffWire.Decode(bytes));
        }

        byte[] state = World.Encode(WireSamples.State);
        if (!World.Encode(ViewWire.DecodeState(state)).AsSpan().SequenceEqual(state))
        {
            wrong.Add("a state is not read back as it was written");
        }

        Corrupt(nameof(WireSamples.State), state, wrong, static bytes => ViewWire.DecodeState(bytes));

        return wrong;
    }

    private static void Corrupt(string name, byte[] bytes, List<string> wrong, Action<byte[]> decode)
    {
        for (int length = 0; length < bytes.Length; length++)
        {
            if (Outcome(bytes[..length], decode) is not MessagePackException)
            {
                wrong.Add($"{name} cut to {length} bytes is not refused");
            }
        }

        byte[] changed = new byte[bytes.Length];
        for (int at = 0; at < bytes.Length; at++)
        {
            for (int bit = 1; bit < 256; bit <<= 1)
            {
                bytes.CopyTo(changed, 0);
                changed[at] ^= (byte)bit;
                if (Outcome(changed, decode) is { } other and not MessagePackException)
                {
                    wrong.Add($"{name} with byte {at} changed by {bit}: {other.GetType().Name} {other.Message}");
                }
            }
        }
    }

    private static Exception? Outcome(byte[] bytes, Action<byte[]> decode)
    {
        try
        {
            decode(bytes);
            return null;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return exception;
        }
    }

    private static byte[] Encode(HandoffMessage message)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        HandoffWire.Encode(ref writer, message);
        byte[] bytes = scratch.WrittenSpan.ToArray();
        ScratchBuffer.Return(scratch);
        return bytes;
    }

    private static byte[] Encode(Envelope envelope)
    {
        ScratchBuffer scratch = ScratchBuffer.Rent();
        MessagePackWriter writer = new(scratch);
        ViewWire.Encode(ref writer, envelope);
        byte[] bytes = scratch.WrittenSpan.ToArray();
        ScratchBuffer.Return(scratch);
        return bytes;
    }
}

using System.Buffers.Binary;

namespace Kameo.Actors.Slots.Wire;

/// <summary>
/// Said in line with requests by a node that leaves: have you all that I sent, and do you send by a view in which I own nothing? And the answer, when both is so. A byte of its own, which of both, the epoch, the number of
/// the question: one of the notes beside <see cref="SlotNote"/>'s, and of a kind of its own.
/// </summary>
internal static class SlotFarewell
{
    /// <summary>How long it is.</summary>
    public const int Bytes = 18;

    private const byte Question = 3;
    private const byte Answer = 4;

    /// <summary>Writes it.</summary>
    public static void Write(Span<byte> to, bool isAnswer, long epoch, long number)
    {
        to[0] = SlotNote.Mark;
        to[1] = isAnswer ? Answer : Question;
        BinaryPrimitives.WriteInt64LittleEndian(to[2..], epoch);
        BinaryPrimitives.WriteInt64LittleEndian(to[10..], number);
    }

    /// <summary>Reads it.</summary>
    /// <returns>False if it is something else.</returns>
    public static bool TryRead(ReadOnlySpan<byte> from, out bool isAnswer, out long epoch, out long number)
    {
        bool isOne = from.Length == Bytes && from[0] == SlotNote.Mark && from[1] is Question or Answer;
        isAnswer = isOne && from[1] == Answer;
        epoch = isOne ? BinaryPrimitives.ReadInt64LittleEndian(from[2..]) : 0;
        number = isOne ? BinaryPrimitives.ReadInt64LittleEndian(from[10..]) : 0;
        return isOne;
    }
}

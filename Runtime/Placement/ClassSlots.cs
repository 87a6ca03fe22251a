namespace Kameo.Actors.Placement;

/// <summary>The slots of one class's actors: <see cref="SlotHash.SlotOf(in ActorId)"/>, with what all of their ids begin with read once. Thread safe.</summary>
/// <param name="className">The class.</param>
internal sealed class ClassSlots(string className)
{
    /// <summary>By kind of key; 0: not computed. Any thread writes the same.</summary>
    private readonly ulong[] _begun = new ulong[(int)ActorKeyKind.IntegerCompound + 1];

    /// <summary>The slot of an actor.</summary>
    public int SlotOf(in ActorKey key)
    {
        ref ulong begun = ref _begun[(int)key.Kind];
        ulong known = Volatile.Read(ref begun);
        if (known == 0)
        {
            Volatile.Write(ref begun, known = SlotHash.Begin(className, key.Kind));
        }

        return SlotHash.End(known, key);
    }
}

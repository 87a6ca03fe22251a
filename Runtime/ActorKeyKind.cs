namespace Kameo.Actors;

/// <summary>What the key of an actor is made of: which of Orleans' key markers its interface derives from.</summary>
/// <remarks>The numbers are part of an actor id on the wire and never change.</remarks>
public enum ActorKeyKind : byte
{
    /// <summary>A string (<c>IGrainWithStringKey</c>).</summary>
    Text = 1,

    /// <summary>A <see cref="System.Guid"/> (<c>IGrainWithGuidKey</c>).</summary>
    Guid = 2,

    /// <summary>A 64-bit integer (<c>IGrainWithIntegerKey</c>).</summary>
    Integer = 3,

    /// <summary>A <see cref="System.Guid"/> and a string (<c>IGrainWithGuidCompoundKey</c>).</summary>
    GuidCompound = 4,

    /// <summary>A 64-bit integer and a string (<c>IGrainWithIntegerCompoundKey</c>).</summary>
    IntegerCompound = 5,
}

using Orleans;

namespace Kameo.Actors;

/// <summary>The way to actors: references by interface and key. Getting one sends nothing and costs little; the actor need not exist, it is activated at its first message. Thread safe.</summary>
/// <remarks>A key of another kind than the interface's marker does not compile. <c>GetGrain</c> is the same under Orleans' name.</remarks>
public interface IActors
{
    /// <summary>A reference to an actor with a string key.</summary>
    T Get<T>(string key)
        where T : IGrainWithStringKey;

    /// <summary>A reference to an actor with a Guid key.</summary>
    T Get<T>(Guid key)
        where T : IGrainWithGuidKey;

    /// <summary>A reference to an actor with an integer key.</summary>
    T Get<T>(long key)
        where T : IGrainWithIntegerKey;

    /// <summary>A reference to an actor with a key of a Guid and a string.</summary>
    T Get<T>(Guid key, string extension)
        where T : IGrainWithGuidCompoundKey;

    /// <summary>A reference to an actor with a key of an integer and a string.</summary>
    T Get<T>(long key, string extension)
        where T : IGrainWithIntegerCompoundKey;

    /// <inheritdoc cref="Get{T}(string)"/>
    T GetGrain<T>(string key)
        where T : IGrainWithStringKey => Get<T>(key);

    /// <inheritdoc cref="Get{T}(Guid)"/>
    T GetGrain<T>(Guid key)
        where T : IGrainWithGuidKey => Get<T>(key);

    /// <inheritdoc cref="Get{T}(long)"/>
    T GetGrain<T>(long key)
        where T : IGrainWithIntegerKey => Get<T>(key);

    /// <inheritdoc cref="Get{T}(Guid, string)"/>
    T GetGrain<T>(Guid key, string extension)
        where T : IGrainWithGuidCompoundKey => Get<T>(key, extension);

    /// <inheritdoc cref="Get{T}(long, string)"/>
    T GetGrain<T>(long key, string extension)
        where T : IGrainWithIntegerCompoundKey => Get<T>(key, extension);
}

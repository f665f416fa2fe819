import type { CallOptions, Connection } from '../connection/connection.ts'
import { ImageService } from '../generated/runtime/v1/service_pb.ts'
import { imageFromWire, type Image, type RegistryAuth } from './image.ts'

/** The images of a runtime. */
export interface ImageCalls {
  listImages(options?: CallOptions): Promise<Image[]>
  /** Undefined when the runtime has no such image. Short names are completed: `busybox`. */
  imageStatus(image: string, options?: CallOptions): Promise<Image | undefined>
  /** Resolves with the image's id. */
  pullImage(image: string, auth?: RegistryAuth, options?: CallOptions): Promise<string>
  /** An unknown image is no error. */
  removeImage(image: string, options?: CallOptions): Promise<void>
}

const images = ImageService.method

export function imageCalls({ unary, deadlines }: Connection): ImageCalls {
  const { lifecycle, patience, question } = deadlines
  return {
    listImages: async (options) => {
      const response = await unary(images.listImages, {}, question, options)
      return response.images.map(imageFromWire)
    },
    imageStatus: async (name, options) => {
      const input = { image: { image: name } }
      const { image } = await unary(images.imageStatus, input, question, options)
      return image === undefined ? undefined : imageFromWire(image)
    },
    pullImage: async (name, auth, options) => {
      const input = { image: { image: name }, ...(auth === undefined ? {} : { auth: { ...auth } }) }
      return (await unary(images.pullImage, input, patience, options)).imageRef
    },
    removeImage: async (name, options) => {
      await unary(images.removeImage, { image: { image: name } }, lifecycle, options)
    },
  }
}

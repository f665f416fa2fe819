import type { Connection } from './connection.ts'
import type { ImageCalls } from './cri-runtime.ts'
import { ImageService } from './generated/runtime/v1/service_pb.ts'
import { imageFromWire } from './image.ts'

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
